//! What PostgreSQL finds when it loads the library, and what CREATE EXTENSION runs.

use super::statistics;
use crate::settings;
use pgrx::prelude::*;

pgrx::pg_module_magic!(name, version);

#[allow(non_snake_case, reason = "PostgreSQL calls it by this name")]
#[pg_guard]
extern "C-unwind" fn _PG_init() {
    settings::define();
    statistics::share();
    keep_freed_memory();
}

/// Lets the allocator keep up to 4 MiB that are free at the top of the heap. At its default of 128 kB an answer of
/// 50 kB or more gives the heap's end back to the system and asks for it again on every call: 90 page faults, a fifth
/// of the time.
fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two numbers of this process's allocator.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, 4 << 20);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
    }
}

extension_sql_file!("../../sql/roles.sql", name = "roles", bootstrap);
extension_sql_file!("../../sql/tables.sql", name = "tables", requires = ["roles"]);
extension_sql_file!("../../sql/context.sql", name = "context", requires = ["tables"]);
extension_sql_file!("../../sql/policies.sql", name = "policies", requires = ["context"]);
extension_sql_file!("../../sql/views.sql", name = "views", requires = ["policies"]);
extension_sql_file!("../../sql/functions.sql", name = "functions", requires = ["views"]);
extension_sql_file!("../../sql/audit.sql", name = "audit", requires = ["functions"]);
extension_sql_file!("../../sql/idempotency.sql", name = "idempotency", requires = ["audit"]);
extension_sql_file!("../../sql/mutations.sql", name = "mutations", requires = ["idempotency"]);
extension_sql_file!("../../sql/search.sql", name = "search", requires = ["mutations"]);
extension_sql_file!("../../sql/search_posts.sql", name = "search_posts", requires = ["search"]);
extension_sql_file!("../../sql/popular.sql", name = "popular", requires = ["search_posts"]);
extension_sql_file!("../../sql/events.sql", name = "events", requires = ["popular"]);
extension_sql_file!("../../sql/statistics.sql", name = "statistics", requires = ["events"]);
extension_sql_file!("../../sql/doctor_writes.sql", name = "doctor_writes", requires = ["statistics"]);
extension_sql_file!("../../sql/doctor_reads.sql", name = "doctor_reads", requires = ["doctor_writes"]);
extension_sql_file!("../../sql/doctor_policies.sql", name = "doctor_policies", requires = ["doctor_reads"]);
extension_sql_file!("../../sql/doctor.sql", name = "doctor", requires = ["doctor_policies"]);
extension_sql_file!("../../sql/grants.sql", name = "grants", requires = ["doctor"], finalize);
