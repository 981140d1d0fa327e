//! What PostgreSQL finds when it loads the library, and what CREATE EXTENSION runs.

use crate::settings;
use pgrx::prelude::*;

pgrx::pg_module_magic!(name, version);

#[allow(non_snake_case, reason = "PostgreSQL calls it by this name")]
#[pg_guard]
extern "C-unwind" fn _PG_init() {
    settings::define();
}

extension_sql_file!("../../sql/roles.sql", name = "roles", bootstrap);
extension_sql_file!("../../sql/tables.sql", name = "tables", requires = ["roles"]);
extension_sql_file!("../../sql/context.sql", name = "context", requires = ["tables"]);
extension_sql_file!("../../sql/policies.sql", name = "policies", requires = ["context"]);
extension_sql_file!("../../sql/views.sql", name = "views", requires = ["policies"]);
extension_sql_file!("../../sql/functions.sql", name = "functions", requires = ["views"]);
extension_sql_file!("../../sql/doctor.sql", name = "doctor", requires = ["functions"]);
extension_sql_file!("../../sql/grants.sql", name = "grants", requires = ["doctor"], finalize);
