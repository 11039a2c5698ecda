# chuantou: two commands matter, `make demo` and `make test`.
# Compiled things stay outside the checkout, in the home folder's cache.
SHELL := /bin/bash
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/chuantou
export CARGO_TARGET_DIR ?= $(CACHE)/target
export ROCKSDB_STATIC := 1

# Cargo with the archive of RocksDB that `prebuild.sh` made.
CARGO = export ROCKSDB_LIB_DIR="$$(graph/rocks/prebuild.sh)" && cargo

.PHONY: demo test test-api test-kill test-full-disk lint deny build product tools bench bench-api bench-city bench-peers fuzz clean

## builds what is needed and runs the main job on the sample city
demo: build
	"$(CARGO_TARGET_DIR)/release/chuantou" demo

## every test, with one cargo profile
test: tools build
	$(CARGO) test --release --locked --workspace

## formatting, lints and documentation, warnings refused
lint: tools
	cargo fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
	export RUSTDOCFLAGS="-D warnings"; $(CARGO) doc --release --locked --workspace --no-deps

## licences, bans and sources of all dependencies
deny:
	command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check licenses bans sources

## the command alone
build: tools
	$(CARGO) build --release --locked -p api

## the command as it is delivered and measured: linked as a whole, some minutes more to build
product: tools
	$(CARGO) build --profile product --locked -p api

## the service against its own document: schemathesis, in a virtual environment of the cache
test-api: build
	@test -x "$(CACHE)/schemathesis/bin/schemathesis" || { python3 -m venv "$(CACHE)/schemathesis" \
	  && "$(CACHE)/schemathesis/bin/pip" install --quiet schemathesis; }
	api/deploy/test-api "$(CARGO_TARGET_DIR)/release/chuantou" "$(CACHE)/schemathesis/bin/schemathesis"

## the service killed under load: make test-kill KILLS=100
KILLS ?= 100
test-kill: build
	CHUANTOU_KILLS=$(KILLS) $(CARGO) test --release --locked -p tests --test it -- --nocapture http_kill

## the service on a disk that is full: mounts a tmpfs, as root or in a user namespace
test-full-disk: build
	api/deploy/test-full-disk "$(CARGO_TARGET_DIR)/release/chuantou"

## the benches of the kernels
bench: tools
	$(CARGO) bench --locked -p benches

## whole cities, generated, loaded and asked: make bench-city SIZE="county 20000000 city"
SIZE ?= county
bench-city: product
	$(CARGO) build --profile product --locked -p benches --bin city
	python3 benches/city.py "$(CARGO_TARGET_DIR)/product/chuantou" "$(CARGO_TARGET_DIR)/product/city" \
	  "$(CACHE)/bench-city" $(SIZE)

## the service under load on a county, beside a bare axum handler: make bench-api MINUTES=10
MINUTES ?= 10
bench-api: product
	command -v wrk >/dev/null || apt-get install -y -q --no-install-recommends wrk
	$(CARGO) build --profile product --locked -p api --example bare
	api/deploy/bench-api "$(CARGO_TARGET_DIR)/product/chuantou" "$(CARGO_TARGET_DIR)/product/examples/bare" \
	  "$(CACHE)/bench-api" --minutes $(MINUTES)

## the same questions for DuckDB, PostgreSQL, Kuzu and CozoDB: make bench-peers SIZE=town
bench-peers: product
	$(CARGO) build --profile product --locked -p benches --bin peers
	benches/peers/install "$(CACHE)/peers"
	"$(CACHE)/peers/bin/python" benches/peers/run.py "$(CARGO_TARGET_DIR)/product/chuantou" \
	  "$(CARGO_TARGET_DIR)/product/peers" "$(CACHE)/bench-peers/$(SIZE)" --size $(SIZE)

## every fuzz target for a while: make fuzz SECONDS_EACH=60
SECONDS_EACH ?= 30
fuzz: tools
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	cd ingest && for target in $$(cargo +nightly fuzz list); do \
	  cargo +nightly fuzz run "$$target" -- -max_total_time=$(SECONDS_EACH) || exit 1; done

## what a bare machine lacks: a C++ compiler and libclang for RocksDB's bindings
tools:
	@if ! command -v c++ >/dev/null || ! { ldconfig -p; ls /usr/lib/llvm-*/lib 2>/dev/null; } | grep -q 'libclang\(-[0-9]*\)\?\.so'; then \
	  echo "安装 C++ 编译器和 libclang / installing a C++ compiler and libclang"; \
	  apt-get update -q && apt-get install -y -q --no-install-recommends g++ binutils libclang-dev; \
	fi

clean:
	rm -rf "$(CARGO_TARGET_DIR)"
