//! Turns the caller's context into the SQL functions that policies call.
//!
//! The settings hold it, not a static: a parallel worker has its leader's settings and nobody's statics.

use super::session;
use crate::settings::Context;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::{ereport, pg_extern};

#[pg_extern(sql = false)]
fn tenant_pk() -> Option<i64> {
    Context::TenantKey.get(|text| text.parse().ok())
}

#[pg_extern(sql = false)]
fn user_pk() -> Option<i64> {
    Context::UserKey.get(|text| text.parse().ok())
}

#[pg_extern(sql = false)]
fn tenant_id() -> Option<pgrx::Uuid> {
    Context::TenantId.get(uuid)
}

#[pg_extern(sql = false)]
fn user_id() -> Option<pgrx::Uuid> {
    Context::UserId.get(uuid)
}

#[pg_extern(sql = false)]
fn app_role() -> Option<String> {
    Context::Role.get(|text| Some(text.to_owned()))
}

/// Goes on in this tenant, for an operator, whose token names none. What is set lasts until the call of `graphql.*` ends.
#[pg_extern(sql = false)]
fn enter_tenant(tenant_pk: i64) {
    let operator = Context::Role.get(|role| Some(role == "operator"));
    if operator != Some(true) {
        ereport!(ERROR, PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE, "only an operator enters a tenant");
    }
    session::set_for_call(Context::TenantKey, &tenant_pk.to_string());
}

fn uuid(text: &str) -> Option<pgrx::Uuid> {
    uuid::Uuid::try_parse(text).ok().map(|id| pgrx::Uuid::from_bytes(id.into_bytes()))
}
