#!/usr/bin/env bash
# Compiles RocksDB once a machine and version, outside the checkout, and prints
# the folder with the archive. Cargo would compile it again for every set of
# features, profile and target folder; with this archive it only links it.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/chuantou"
version=$(awk '/^name = "librocksdb-sys"/ { getline; gsub(/version = |"/, ""); print }' Cargo.lock)
# With the compressions of the workspace's Cargo.toml: another set of them is another archive.
lib="$cache/rocksdb-$version-lz4-zstd"
if [ ! -f "$lib/librocksdb.a" ]; then
  {
    echo "正在编译 RocksDB：每台机器一次，两核空闲约需十二分钟。"
    echo "Compiling RocksDB: once a machine, about twelve minutes on two idle cores."
  } >&2
  build="$cache/rocksdb-build"
  env -u ROCKSDB_LIB_DIR -u ROCKSDB_STATIC CARGO_TARGET_DIR="$build" \
    cargo build --release --locked -p graph-rocks >&2
  archive=$(ls -t "$build"/release/build/librocksdb-sys-*/out/librocksdb.a | head -n 1)
  mkdir -p "$lib"
  cp "$archive" "$lib/librocksdb.a.part"
  strip -g "$lib/librocksdb.a.part"
  mv "$lib/librocksdb.a.part" "$lib/librocksdb.a"
  rm -rf "$build"
fi
echo "$lib"
