//! Answers as a Parquet file: a column a field, whatever is nested as JSON text.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use super::{Column, plain};

/// One field of all answers: none where an answer has no such field, or null.
struct Field<'v> {
    name: &'v str,
    kind: Kind,
    values: Vec<Option<&'v Value>>,
}

#[derive(Clone, Copy)]
enum Kind {
    Truth,
    Integer,
    Decimal,
    Text,
}

impl Kind {
    /// The narrowest kind that holds every value; text holds any.
    fn of(values: &[Option<&Value>]) -> Self {
        let all = |fits: fn(&Value) -> bool| {
            let mut told = values.iter().flatten().peekable();
            told.peek().is_some() && told.all(|value| fits(value))
        };
        if all(Value::is_boolean) {
            Self::Truth
        } else if all(Value::is_i64) {
            Self::Integer
        } else if all(Value::is_number) {
            Self::Decimal
        } else {
            Self::Text
        }
    }
}

/// Writes the rows; without any, the columns are those of the table.
pub(super) fn write(out: &mut dyn Write, rows: &[Value], columns: &[Column]) -> io::Result<()> {
    let bytes = file(&fields(rows, columns)).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn fields<'v>(rows: &'v [Value], columns: &[Column]) -> Vec<Field<'v>> {
    let mut names: Vec<&str> = Vec::new();
    let members = rows.iter().filter_map(Value::as_object);
    let told = members.flat_map(|row| row.keys().map(String::as_str));
    // The headings of the table stand for fields: `subject.name` for `subject`.
    let usual = columns.iter().map(|(_, path)| path.split('.').next());
    if rows.is_empty() {
        names.extend(usual.flatten());
        names.dedup();
    }
    for name in told {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let field = |name: &'v str| {
        let told = rows.iter().map(|row| row.get(name));
        let values: Vec<_> = told.map(|value| value.filter(|it| !it.is_null())).collect();
        Field {
            name,
            kind: Kind::of(&values),
            values,
        }
    };
    names.into_iter().map(field).collect()
}

impl Field<'_> {
    fn schema(&self) -> Result<TypePtr, ParquetError> {
        let (physical, logical) = match self.kind {
            Kind::Truth => (Physical::BOOLEAN, None),
            Kind::Integer => (Physical::INT64, None),
            Kind::Decimal => (Physical::DOUBLE, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let builder = Type::primitive_type_builder(self.name, physical);
        let builder = builder.with_repetition(Repetition::OPTIONAL);
        Ok(Arc::new(builder.with_logical_type(logical).build()?))
    }

    fn write(&self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels: Vec<i16> = self
            .values
            .iter()
            .map(|it| i16::from(it.is_some()))
            .collect();
        let levels = Some(levels.as_slice());
        let told = self.values.iter().flatten();
        match self.kind {
            Kind::Truth => {
                let values: Vec<bool> = told.filter_map(|value| value.as_bool()).collect();
                column
                    .typed::<BoolType>()
                    .write_batch(&values, levels, None)
            }
            Kind::Integer => {
                let values: Vec<i64> = told.filter_map(|value| value.as_i64()).collect();
                column
                    .typed::<Int64Type>()
                    .write_batch(&values, levels, None)
            }
            Kind::Decimal => {
                let values: Vec<f64> = told.filter_map(|value| value.as_f64()).collect();
                column
                    .typed::<DoubleType>()
                    .write_batch(&values, levels, None)
            }
            Kind::Text => {
                let values: Vec<ByteArray> =
                    told.map(|value| plain(value).into_bytes().into()).collect();
                column
                    .typed::<ByteArrayType>()
                    .write_batch(&values, levels, None)
            }
        }
        .map(drop)
    }
}

fn file(fields: &[Field<'_>]) -> Result<Vec<u8>, ParquetError> {
    let types = fields.iter().map(Field::schema).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("answers")
        .with_fields(types)
        .build()?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let mut bytes = Vec::new();
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties)?;
    let mut group = writer.next_row_group()?;
    for field in fields {
        if let Some(mut column) = group.next_column()? {
            field.write(&mut column)?;
            column.close()?;
        }
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}
