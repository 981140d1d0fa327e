//! Turns a call of `saas_blog.maintain()` or `saas_blog.reindex_search()` into one piece of work for each tenant.
//!
//! The walls stop the owner of the tables too: without a tenant it would find nothing, and say nothing of it.

use super::session::{self, End, current_memory};
use super::statement::Own;
use crate::plan::Bound;
use crate::settings::Context;
use pgrx::pg_sys;
use pgrx::prelude::*;
use std::ffi::CString;

thread_local! {
    static NEXT: Own = const { Own::new(
        "SELECT min(pk_tenant) FROM saas_blog.tb_tenant WHERE pk_tenant > $1",
        &[pg_sys::INT8OID],
    ) };
    static PRUNE: Own = const { Own::new("SELECT saas_blog.prune()::text", &[]) };
    static REINDEX: Own = const { Own::new("SELECT saas_blog.reindex_tenant()::text", &[]) };
    static CONFIGURE: Own = const { Own::new("SELECT saas_blog.set_search_config($1)::text", &[pg_sys::TEXTOID]) };
}

/// The last prune is for what belongs to no tenant.
#[pg_extern(sql = false)]
fn maintain() {
    let prune = || {
        session::in_new_snapshot(|| PRUNE.with(|own| own.run(&[], current_memory())));
    };
    as_operator(|| {
        in_each_tenant(prune);
        prune();
    });
}

/// The configuration changes with the words that were made with it, in one transaction: nobody searches in between.
#[pg_extern(sql = false)]
fn reindex_search(config: Option<&str>) {
    as_operator(|| {
        if let Some(config) = config {
            let values = [Bound::Text(config.to_owned())];
            session::in_new_snapshot(|| CONFIGURE.with(|own| own.run(&values, current_memory())));
        }
        in_each_tenant(|| {
            session::in_new_snapshot(|| REINDEX.with(|own| own.run(&[], current_memory())));
        });
    });
}

/// An operator sees all tenants.
fn as_operator(work: impl Fn()) {
    let work = || {
        session::pin();
        session::set(Context::Role, c"operator");
        work();
        ((), End::Keep)
    };
    session::guarded(work).unwrap_or_else(|cause| cause.rethrow());
}

fn in_each_tenant(work: impl Fn()) {
    let mut tenant = 0;
    while let Some(next) = next_tenant(tenant) {
        session::set(Context::TenantKey, &CString::new(next.to_string()).unwrap_or_default());
        work();
        tenant = next;
    }
    session::set(Context::TenantKey, c"");
}

fn next_tenant(after: i64) -> Option<i64> {
    NEXT.with(|own| own.run(&[Bound::Bigint(Some(after))], current_memory()))?.bigint(1)
}
