//! Every column family, with the reason for each option.

use rocksdb::{BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, Options};

/// Higher levels cost more than they save: what is left is digests.
const ZSTD_LEVEL: i32 = 1;

/// Bytes of one list of new entries, and how many are written to disk together.
const WRITE_BUFFER: usize = 8 << 20;
const MERGED: i32 = 8;

/// The column families. Names are on disk: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Column {
    /// `schema`, `fingerprint`.
    Meta,
    /// Batches by number.
    Batch,
    /// Versions by set, home, record, newest first.
    Record,
    /// From the head of a record's id to where it is or was filed.
    Place,
    /// From an entity to the records elsewhere that name it.
    Link,
    /// From a case number to the penalties and listings that bear it.
    Number,
    /// By batch: where it filed records or took them away, unless these are too many.
    Touched,
    /// Rows that could not be understood.
    Quarantine,
    /// Receipts, gap notes, audit.
    Book,
}

impl Column {
    pub(crate) const ALL: [Self; 9] = [
        Self::Meta,
        Self::Batch,
        Self::Record,
        Self::Place,
        Self::Link,
        Self::Number,
        Self::Touched,
        Self::Quarantine,
        Self::Book,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            // RocksDB insists on a family of this name.
            Self::Meta => "default",
            Self::Batch => "batch",
            Self::Record => "record",
            Self::Place => "place",
            Self::Link => "link",
            Self::Number => "number",
            Self::Touched => "touched",
            Self::Quarantine => "quarantine",
            Self::Book => "book",
        }
    }

    fn options(self, cache: &Cache) -> Options {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(cache);
        // A block holds a few subjects: larger blocks compress better.
        table.set_block_size(16 * 1024);
        table.set_format_version(5);
        let mut options = Options::default();
        if self.is_large() {
            // Half of every entry is digests, which nothing makes smaller; the rest repeats
            // from entry to entry, and its digits are worth coding: a third less than LZ4.
            options.set_bottommost_compression_type(DBCompressionType::Zstd);
            options.set_bottommost_compression_options(-14, ZSTD_LEVEL, 0, 0, true);
            // What is new is soon written again, among the rest: while verifications come, a
            // tenth of the machine went into coding it as well as that.
            options.set_compression_type(DBCompressionType::Lz4);
            // New entries lie anywhere among the others. In a small list in memory the way to
            // their places is in the processor's cache; several are written to disk as one.
            options.set_write_buffer_size(WRITE_BUFFER);
            options.set_min_write_buffer_number_to_merge(MERGED);
            options.set_max_write_buffer_number(2 * MERGED);
            // Fewer whole keys, which each carry a digest: the entries are found by a seek
            // that looks at a few of them anyhow.
            table.set_block_restart_interval(32);
        } else {
            // Asked by whole keys, of which most may not exist. The large families are asked
            // by ranges only, which no such filter helps.
            table.set_bloom_filter(10.0, false);
            options.set_compression_type(DBCompressionType::Lz4);
        }
        options.set_block_based_table_factory(&table);
        options
    }

    /// It has entries for every record, read by ranges.
    fn is_large(self) -> bool {
        matches!(self, Self::Record | Self::Place | Self::Link | Self::Number)
    }
}

/// The options of all families, in the order of [`Column::ALL`], sharing one
/// block cache.
pub(crate) fn all_options(cache_bytes: usize) -> Vec<Options> {
    let cache = Cache::new_lru_cache(cache_bytes);
    let options = Column::ALL.into_iter().map(|column| column.options(&cache));
    options.collect()
}

/// Descriptors for all families with these options.
pub(crate) fn descriptors(options: &[Options]) -> Vec<ColumnFamilyDescriptor> {
    let all = Column::ALL.into_iter().zip(options);
    all.map(|(column, options)| ColumnFamilyDescriptor::new(column.name(), options.clone()))
        .collect()
}
