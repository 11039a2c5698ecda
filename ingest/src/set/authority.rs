//! Authorities and departments: a credit code, else a name or a code of the city's own.

use graph::change::Reason;

use super::row::{Fault, Notes, Reference, Row, bad_shape};
use crate::identity::{check_uscc, normalise_name};
use crate::value::fold;

/// An authority: its credit code when the cell is one, else its normalised name.
pub(super) fn authority(row: &Row<'_>, name: &'static str, notes: &mut Notes) -> Option<String> {
    let text = row.raw(name)?;
    match check_uscc(text) {
        Some(checked) => {
            if !checked.check_holds {
                notes.doubtful.push((checked.code, name));
            }
            Some(checked.code.to_string())
        }
        None => Some(normalise_name(text)),
    }
}

/// An authority whose column holds nothing but codes.
pub(super) fn authority_code(
    row: &Row<'_>,
    name: &'static str,
    notes: &mut Notes,
) -> Result<Option<String>, Fault> {
    match row.raw(name) {
        Some(text) if check_uscc(text).is_none() => Err(bad_shape(name)),
        _ => Ok(authority(row, name, notes)),
    }
}

/// A department: its credit code upper-cased, else the city's own code as it is written.
pub(super) fn department(row: &Row<'_>, name: &'static str) -> Option<String> {
    let text = row.raw(name)?;
    Some(match check_uscc(text) {
        Some(checked) => checked.code.to_string(),
        None => fold(text).into_owned(),
    })
}

/// Notes the case that a row names by number and, perhaps, authority; gives both.
pub(super) fn reference(
    row: &Row<'_>,
    field: &'static str,
    authority_field: &'static str,
    notes: &mut Notes,
) -> (Option<String>, Option<String>) {
    let authority = authority(row, authority_field, notes);
    let number = row.owned(field);
    if let Some(number) = &number {
        let (number, authority) = (number.clone(), authority.clone());
        notes.reference = Some(Reference {
            field,
            number,
            authority,
            subject: None,
            own_subject: None,
        });
    }
    (number, authority)
}

/// The fault of a word that the catalogue does not know.
pub(super) fn unknown_word(field: &'static str) -> Fault {
    let message = "neither a code nor a name of the catalogue in use";
    Fault::new(Reason::BadEnum, field, message)
}
