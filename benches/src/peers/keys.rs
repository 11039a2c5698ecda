//! What the numbers stand for: by these an engine that numbered entities, cases and matters by
//! itself, from the departments' files, can be compared with us.

use std::path::Path;

use graph::id::{EntityId, EntityKind, Set};
use graph::record::{Person, Record};
use graph::store::Store;
use queries::world::World;
use rustc_hash::FxHashMap;

use super::numbers::Numbers;
use super::rows::Rows;

/// Writes what each number stands for. The identity numbers of persons stand in these files as
/// they are: for invented cities only.
pub fn write(
    world: &World,
    numbers: &Numbers,
    store: &dyn Store,
    folder: &Path,
) -> anyhow::Result<()> {
    entities(world, numbers, store, folder)?;
    let mut rows = Rows::new(folder, "case_key", &["id", "case_no"])?;
    for (place, case) in world.cases.all() {
        rows.push(&[&place, &case.number()])?;
    }
    rows.end()?;
    let mut matters = Vec::with_capacity(numbers.matters());
    store
        .snapshot()?
        .scan(Set::Matters, world.known, &mut |version| {
            if let Record::Matter(matter) = version.record {
                matters.push((numbers.matter(version.id), matter.matter_no));
            }
            Ok(())
        })?;
    let mut rows = Rows::new(folder, "matter_key", &["id", "matter_no"])?;
    for (id, number) in &matters {
        rows.push(&[id, number])?;
    }
    rows.end()
}

/// Codes of organisations, numbers of persons; of a provisional person the code of the
/// organisation, and the name.
fn entities(
    world: &World,
    numbers: &Numbers,
    store: &dyn Store,
    folder: &Path,
) -> anyhow::Result<()> {
    let mut persons: FxHashMap<EntityId, (String, String)> = FxHashMap::default();
    store
        .snapshot()?
        .scan(Set::Persons, world.known, &mut |version| {
            let mut detail = version.detail(store.keys())?;
            let mut told = |name| detail.remove(name).unwrap_or_default();
            let (number, name) = (told(Person::NUMBER), told(Person::NAME));
            if let Record::Person(person) = version.record {
                let key = match person.named_at {
                    Some(org) => (code(org), name),
                    None => (number, String::new()),
                };
                persons.insert(person.id, key);
            }
            Ok(())
        })?;
    let mut rows = Rows::new(folder, "entity_key", &["id", "identifier", "name"])?;
    for (id, number) in numbers.entities.iter().zip(1usize..) {
        let (identifier, name) = match id.kind() {
            EntityKind::Organisation => (code(*id), String::new()),
            _ => persons.remove(id).unwrap_or_default(),
        };
        rows.push(&[&number, &identifier, &name])?;
    }
    rows.end()
}

fn code(org: EntityId) -> String {
    org.uscc().map(|code| code.to_string()).unwrap_or_default()
}
