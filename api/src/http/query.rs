//! The parameters that most questions share.

use graph::time::{Date, Moment};

use super::extract::{day, known};
use super::problem::Problem;

/// The two times of a query, read.
pub(crate) fn times(
    as_of: Option<&str>,
    known_at: Option<&str>,
) -> Result<(Option<Date>, Option<Moment>), Problem> {
    Ok((day(as_of)?, known(known_at)?))
}

/// A query with the two times.
macro_rules! dated {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $($(#[$field_meta])* $field: $type,)*
            /// Valid time: what was true on this day. Default: today.
            #[param(value_type = String, required = false, format = Date, example = "2026-06-30")]
            as_of: Option<String>,
            /// Recorded time: as known then; a day means its last instant. Default: now.
            #[param(
                value_type = String, required = false,
                pattern = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+]08:00))?$",
                example = "2026-07-01"
            )]
            known_at: Option<String>,
        }

        impl $name {
            fn tense(&self, app: &$crate::http::App) -> Result<$crate::service::Tense, $crate::http::problem::Problem> {
                let (as_of, known_at) =
                    $crate::http::query::times(self.as_of.as_deref(), self.known_at.as_deref())?;
                Ok(app.service.tense(as_of, known_at))
            }
        }
    };
}

/// A query with the two times for a list by pages.
macro_rules! listed {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            $($(#[$field_meta])* $field: $type,)*
            /// Valid time: what was true on this day. Default: today.
            #[param(value_type = String, required = false, format = Date, example = "2026-06-30")]
            as_of: Option<String>,
            /// Recorded time: as known then; a day means its last instant. Default: now.
            #[param(
                value_type = String, required = false,
                pattern = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+]08:00))?$",
                example = "2026-07-01"
            )]
            known_at: Option<String>,
            /// Items of a page. Default: 100.
            #[param(value_type = u32, required = false, minimum = 1, maximum = 1000, example = 50)]
            limit: Option<u32>,
            /// The `next` of the page before; with the same other parameters.
            #[param(value_type = String, required = false, pattern = "^([0-9a-f]{2}){20,400}$")]
            cursor: Option<String>,
        }

        impl $name {
            fn page(&self, app: &$crate::http::App) -> Result<$crate::http::page::Page, $crate::http::problem::Problem> {
                let times = $crate::http::query::times(self.as_of.as_deref(), self.known_at.as_deref())?;
                let mut about = self.clone();
                (about.limit, about.cursor) = (None, None);
                let paging = (self.limit, self.cursor.as_deref());
                $crate::http::page::Page::of(&app.service, times, paging, &about)
            }
        }
    };
}

pub(crate) use {dated, listed};
