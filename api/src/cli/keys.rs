//! `keys add`, `keys list`, `keys revoke`: the API keys of programs.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use graph::time::{Date, Moment};
use serde_json::{Value, json};

use super::Context;
use crate::auth::{AddressRange, ApiKeys, Grant, NewKey, Role, StoredKey};
use crate::{Error, clock};

#[derive(Subcommand, Debug)]
pub(crate) enum KeysAct {
    /// 新建；密钥只显示这一次 / make one; the secret is shown this once
    Add(AddArgs),
    /// 列出 / list
    List,
    /// 吊销 / revoke
    Revoke {
        /// 密钥编号 / the key's id
        id: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// 谁使用 / who uses it, in words
    #[arg(long)]
    client: String,
    /// 角色 / a role: department, credit_office, analyst, auditor, operator
    #[arg(long = "role", required = true, value_parser = parse_role)]
    roles: Vec<Role>,
    /// 部门 / for which department
    #[arg(long)]
    department: Option<String>,
    /// 自这一天起失效 / not valid from this day on
    #[arg(long, value_parser = super::parse_date)]
    expires: Option<Date>,
    /// 只限这些地址，如 10.1.0.0/16 / only from these addresses
    #[arg(long = "address", value_parser = parse_address)]
    addresses: Vec<AddressRange>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    let codes: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    Role::parse(text).ok_or_else(|| format!("no such role; there are {}", codes.join(", ")))
}

fn parse_address(text: &str) -> Result<AddressRange, String> {
    AddressRange::parse(text).ok_or_else(|| "write an address, or ADDRESS/BITS".into())
}

pub(crate) fn run(context: &Context, act: &KeysAct) -> Result<(), Error> {
    let dir = &context.settings.data;
    if !dir.is_dir() {
        let what = format!("there is no data folder at {}", dir.display());
        return Err(Error::Refused(what));
    }
    let keys = ApiKeys::of(dir)?;
    match act {
        KeysAct::Add(args) => {
            if args.roles.contains(&Role::Department) && args.department.is_none() {
                let what = "a key for a department needs its --department";
                return Err(Error::Refused(what.into()));
            }
            let new = NewKey {
                grant: Grant {
                    client: args.client.clone(),
                    roles: args.roles.iter().copied().collect::<BTreeSet<_>>(),
                    department: args.department.clone(),
                },
                addresses: args.addresses.clone(),
                expires_at: args.expires.map(Moment::start_of),
            };
            let key = keys.add(new, clock::now())?;
            context.note("请立即保存：不会再次显示 / keep it now: it is not shown again");
            context.output.object(&json!({"key": key}))
        }
        KeysAct::List => list(context, &keys),
        KeysAct::Revoke { id } => {
            keys.revoke(id, clock::now())?;
            list(context, &keys)
        }
    }
}

fn list(context: &Context, keys: &ApiKeys) -> Result<(), Error> {
    let time = |at: i64| Moment(at).to_string();
    let row = |key: &StoredKey| {
        json!({
            "id": key.id,
            "client": key.grant.client,
            "roles": key.grant.roles,
            "department": key.grant.department,
            "addresses": key.addresses,
            "made_at": time(key.made_at),
            "expires_at": key.expires_at.map(time),
            "revoked_at": key.revoked_at.map(time),
        })
    };
    let rows: Vec<Value> = keys.list()?.iter().map(row).collect();
    context.output.list(
        &rows,
        &[
            ("编号 id", "id"),
            ("使用者 client", "client"),
            ("角色 roles", "roles"),
            ("部门 department", "department"),
            ("地址 addresses", "addresses"),
            ("失效 expires", "expires_at"),
            ("吊销 revoked", "revoked_at"),
        ],
    )
}
