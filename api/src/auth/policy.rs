//! What a caller may do, as the Cedar files say: the shipped ones, or those of a
//! folder in their place. What no file permits is refused, and what one forbids
//! no other permits. Files are checked against the schema when they are read, so a
//! slip of the pen is an error at the start and not a door left open.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::{Action, Caller};
use crate::Error;

const SCHEMA: &str = include_str!("policies/schema.cedarschema");
const SHIPPED: [(&str, &str); 6] = [
    (
        "department.cedar",
        include_str!("policies/department.cedar"),
    ),
    (
        "credit_office.cedar",
        include_str!("policies/credit_office.cedar"),
    ),
    ("analyst.cedar", include_str!("policies/analyst.cedar")),
    ("auditor.cedar", include_str!("policies/auditor.cedar")),
    ("operator.cedar", include_str!("policies/operator.cedar")),
    ("everyone.cedar", include_str!("policies/everyone.cedar")),
];

/// What a request is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// An organisation.
    Organisation,
    /// A person, provisional ones too.
    Person,
    /// No single subject.
    Nothing,
}

impl About {
    fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Person => "person",
            Self::Nothing => "nothing",
        }
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request<'a> {
    /// To do what.
    pub action: Action,
    /// The department whose it is: a gap's, a receipt's, the one verified for.
    /// None for what belongs to nobody, and for lists over all departments.
    pub department: Option<&'a str>,
    /// Whom it concerns.
    pub about: About,
    /// The item stated.
    pub item: Option<&'a str>,
    /// The purpose stated.
    pub purpose: Option<&'a str>,
    /// The matter's number stated.
    pub matter_no: Option<&'a str>,
}

/// Whether it may be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not.
    Denied,
}

/// The policies in force.
#[derive(Debug)]
pub struct Policy {
    policies: PolicySet,
    schema: Schema,
    client: EntityTypeName,
    thing: EntityTypeName,
    action: EntityTypeName,
}

impl Policy {
    /// The policies that come with the program.
    pub fn shipped() -> Result<Self, Error> {
        let texts = SHIPPED.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self::from_texts(&texts)
    }

    /// The `*.cedar` files of a folder, in place of the shipped ones.
    pub fn from_folder(dir: &Path) -> Result<Self, Error> {
        let mut texts = Vec::new();
        for entry in fs::read_dir(dir).map_err(|error| Error::io(dir, error))? {
            let path = entry.map_err(|error| Error::io(dir, error))?.path();
            if path.extension().is_some_and(|end| end == "cedar") {
                let text = fs::read_to_string(&path).map_err(|error| Error::io(&path, error))?;
                texts.push((path.display().to_string(), text));
            }
        }
        texts.sort();
        if texts.is_empty() {
            let what = format!("{} holds no .cedar file", dir.display());
            return Err(Error::Refused(what));
        }
        Self::from_texts(&texts)
    }

    fn from_texts(texts: &[(String, String)]) -> Result<Self, Error> {
        let refused = |what: String| Error::Refused(what);
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| refused(format!("the policies' schema: {error}")))?;
        let mut policies = PolicySet::new();
        for (name, text) in texts {
            let wrong = |error: &dyn std::fmt::Display| refused(format!("{name}: {error}"));
            let found = PolicySet::from_str(text).map_err(|error| wrong(&error))?;
            let checked = Validator::new(schema.clone()).validate(&found, ValidationMode::Strict);
            if let Some(error) = checked.validation_errors().next() {
                return Err(wrong(error));
            }
            policies
                .merge(&found, true)
                .map_err(|error| wrong(&error))?;
        }
        let named =
            |name: &str| EntityTypeName::from_str(name).map_err(|error| refused(error.to_string()));
        Ok(Self {
            policies,
            schema,
            client: named("Client")?,
            thing: named("Thing")?,
            action: named("Action")?,
        })
    }

    /// Whether this caller may do this. Whatever goes wrong is a refusal.
    pub fn decide(&self, caller: &Caller, request: &Request<'_>) -> Decision {
        match self.evaluate(caller, request) {
            Some(cedar_policy::Decision::Allow) => Decision::Allowed,
            _ => Decision::Denied,
        }
    }

    fn evaluate(&self, caller: &Caller, request: &Request<'_>) -> Option<cedar_policy::Decision> {
        let uid = |kind: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let client = uid(&self.client, &caller.client);
        let thing = uid(&self.thing, "asked");
        let roles = caller.roles.iter().map(|role| text(role.code()));
        let mut who = HashMap::from([("roles".to_owned(), RestrictedExpression::new_set(roles))]);
        let department = caller.department.as_deref().filter(|name| !name.is_empty());
        who.extend(department.map(|name| ("department".to_owned(), text(name))));
        let mut what = HashMap::from([("about".to_owned(), text(request.about.code()))]);
        let whose = request.department.filter(|name| !name.is_empty());
        what.extend(whose.map(|name| ("department".to_owned(), text(name))));
        let entities = [
            Entity::new(client.clone(), who, HashSet::new()).ok()?,
            Entity::new(thing.clone(), what, HashSet::new()).ok()?,
        ];
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        let stated = [
            ("purpose", request.purpose),
            ("item", request.item),
            ("matter_no", request.matter_no),
            ("acr", caller.acr.as_deref()),
        ];
        // An empty statement states nothing.
        let stated = stated.into_iter().filter_map(|(name, value)| {
            let value = value.map(str::trim).filter(|value| !value.is_empty())?;
            Some((name.to_owned(), text(value)))
        });
        let context = Context::from_pairs(stated).ok()?;
        let action = uid(&self.action, request.action.code());
        let schema = Some(&self.schema);
        let asked = cedar_policy::Request::new(client, action, thing, context, schema).ok()?;
        let answer = Authorizer::new().is_authorized(&asked, &self.policies, &entities);
        // A policy that failed to evaluate may have been the one that forbids.
        let clean = answer.diagnostics().errors().next().is_none();
        clean.then(|| answer.decision())
    }
}
