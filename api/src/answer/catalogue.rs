//! The catalogue in public form.

use queries::catalogue::Catalogue;
use serde::Serialize;
use utoipa::ToSchema;

/// The rules that answers stand on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CatalogueAnswer {
    /// Digest of the rules, as answers name it.
    pub digest: String,
    /// The lists.
    pub lists: Vec<CatalogueEntry>,
    /// The measures, each version.
    pub measures: Vec<CatalogueEntry>,
    /// The rules, each version.
    pub rules: Vec<CatalogueEntry>,
    /// The items, each version.
    pub items: Vec<CatalogueEntry>,
}

/// A list, measure, rule or item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CatalogueEntry {
    /// Its code.
    pub code: String,
    /// Its name; none for a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The law; none for an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// First day of this version.
    pub from: Option<String>,
    /// First day after it.
    pub to: Option<String>,
    /// For a measure: what is missed when it is passed over is a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<bool>,
    /// For a measure: item categories that it blocks. For an item: its category.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

impl CatalogueAnswer {
    /// The public form.
    pub(crate) fn of(catalogue: &Catalogue) -> Self {
        let lists = catalogue.lists.values().map(|list| CatalogueEntry {
            name: Some(list.name.clone()),
            basis: Some(list.basis.clone()),
            ..bare(&list.code)
        });
        let measures = catalogue.measures.values().flatten().map(|measure| {
            let (from, to) = super::ends(measure.validity);
            CatalogueEntry {
                name: Some(measure.name.clone()),
                basis: Some(measure.basis.clone()),
                from,
                to,
                binding: Some(measure.binding),
                categories: measure.blocks.clone(),
                ..bare(&measure.code)
            }
        });
        let rules = catalogue.rules.iter().map(|rule| {
            let (from, to) = super::ends(rule.validity);
            CatalogueEntry {
                basis: Some(rule.basis.clone()),
                from,
                to,
                ..bare(&rule.id)
            }
        });
        let items = catalogue.items.values().flatten().map(|item| {
            let (from, to) = super::ends(item.validity);
            CatalogueEntry {
                name: Some(item.name.clone()),
                from,
                to,
                categories: vec![item.category.clone()],
                ..bare(&item.code)
            }
        });
        Self {
            digest: catalogue.digest.clone(),
            lists: lists.collect(),
            measures: measures.collect(),
            rules: rules.collect(),
            items: items.collect(),
        }
    }
}

fn bare(code: &str) -> CatalogueEntry {
    CatalogueEntry {
        code: code.to_owned(),
        name: None,
        basis: None,
        from: None,
        to: None,
        binding: None,
        categories: Vec::new(),
    }
}
