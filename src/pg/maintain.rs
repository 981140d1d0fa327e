//! Turns a call of `saas_blog.maintain()` into one prune for each tenant.
//!
//! The walls stop the owner of the tables too: without a tenant it would remove nothing, and say nothing of it.

use super::session::{self, End, current_memory};
use super::statement::Own;
use crate::plan::Bound;
use crate::schema::Role;
use crate::settings::Context;
use pgrx::pg_sys;
use pgrx::prelude::*;

thread_local! {
    static NEXT: Own = const { Own::new(
        "SELECT min(pk_tenant) FROM saas_blog.tb_tenant WHERE pk_tenant > $1",
        &[pg_sys::INT8OID],
    ) };
    static PRUNE: Own = const { Own::new("SELECT saas_blog.prune()::text", &[]) };
}

/// As an operator, who sees all tenants, enters each of them; the last prune is for what belongs to none.
#[pg_extern(sql = false)]
fn maintain() {
    let prune = || {
        session::in_new_snapshot(|| PRUNE.with(|own| own.run(&[], current_memory())));
    };
    let work = || {
        session::pin();
        session::set(Context::Role, Role::Operator.as_str());
        let mut tenant = 0;
        while let Some(next) = next_tenant(tenant) {
            session::set(Context::TenantKey, &next.to_string());
            prune();
            tenant = next;
        }
        session::set(Context::TenantKey, "");
        prune();
        ((), End::Keep)
    };
    session::guarded(work).unwrap_or_else(|cause| cause.rethrow());
}

fn next_tenant(after: i64) -> Option<i64> {
    NEXT.with(|own| own.run(&[Bound::Bigint(Some(after))], current_memory()))?.bigint(1)
}
