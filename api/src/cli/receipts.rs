//! `receipts keys`, `receipts rotate-key`: the public keys that receipts are
//! checked with.

use clap::Subcommand;

use super::Context;
use crate::Error;
use crate::audit::Event;
use crate::clock;
use crate::receipt::KeyRing;
use crate::session::Session;

#[derive(Subcommand, Debug)]
pub(crate) enum ReceiptsAct {
    /// 公钥，供公布 / the public keys, to be published
    Keys,
    /// 更换签名密钥；旧回执仍可验证 / make another signing key; old receipts stay verifiable
    RotateKey,
}

pub(crate) fn run(context: &Context, act: &ReceiptsAct) -> Result<(), Error> {
    let ring = match act {
        ReceiptsAct::Keys => {
            let session = Session::reading(&context.settings, "receipts keys")?;
            KeyRing::existing(session.store.dir())?.ok_or_else(|| {
                Error::Refused("no receipt was signed yet: there is no key".into())
            })?
        }
        ReceiptsAct::RotateKey => {
            let session = Session::writing(&context.settings, "receipts rotate-key")?;
            let mut ring = KeyRing::of(session.store.dir(), clock::now())?;
            ring.rotate(clock::now())?;
            session.audit(Event {
                purpose: Some(format!("receipt key {}", ring.id())),
                ..Session::event("rotate_key")
            })?;
            ring
        }
    };
    context.output.list(
        &ring.public_keys(),
        &[
            ("编号 id", "id"),
            ("公钥 public", "public"),
            ("启用 since", "since"),
            ("停用 until", "until"),
        ],
    )
}
