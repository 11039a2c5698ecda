//! Every column family, with the reason for each option.

use rocksdb::{BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, Options};

/// The column families. Names are on disk: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Column {
    /// `schema`, `fingerprint`.
    Meta,
    /// Batches by number.
    Batch,
    /// Versions by set, home, record, newest first.
    Record,
    /// Where each record's newest version is filed.
    Place,
    /// From an entity to the records elsewhere that name it.
    Link,
    /// From a case number to the penalties and listings that bear it.
    Number,
    /// Rows that could not be understood.
    Quarantine,
    /// Receipts, gap notes, audit.
    Book,
}

impl Column {
    pub(crate) const ALL: [Self; 8] = [
        Self::Meta,
        Self::Batch,
        Self::Record,
        Self::Place,
        Self::Link,
        Self::Number,
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
            Self::Quarantine => "quarantine",
            Self::Book => "book",
        }
    }

    fn options(self, cache: &Cache) -> Options {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(cache);
        // Most questions ask for one subject, case or record that may not exist.
        table.set_bloom_filter(10.0, false);
        // A block holds a few subjects: larger blocks compress better.
        table.set_block_size(16 * 1024);
        table.set_format_version(5);
        let mut options = Options::default();
        options.set_block_based_table_factory(&table);
        options.set_compression_type(DBCompressionType::Lz4);
        if self == Self::Place {
            // Keys are digests and values mostly digests: nothing to compress.
            options.set_compression_type(DBCompressionType::None);
        }
        options
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
