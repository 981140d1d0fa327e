//! Turns what a DBA gives as keys into rows of the key table, and an HMAC key into tokens for tests.

use super::login::read_key;
use super::session;
use crate::auth::{self, Key, KeyRow};
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::errcodes::PgSqlErrorCode;
use pgrx::prelude::*;

#[pg_extern(sql = false)]
fn add_jwt_key(
    kid: Option<&str>,
    alg: Option<&str>,
    key: Option<&str>,
    issuer: Option<&str>,
    audience: Option<&str>,
    operator: Option<bool>,
) {
    let row = KeyRow {
        kid: kid.unwrap_or_default().to_owned(),
        alg: alg.unwrap_or_default().to_owned(),
        key: key.unwrap_or_default().to_owned(),
        issuer: issuer.map(str::to_owned),
        audience: audience.map(str::to_owned),
        operator: operator.unwrap_or(false),
    };
    if let Err(error) = Key::parse(row.clone()) {
        refuse(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, &error.to_string());
    }
    Spi::connect_mut(|client| insert(client, &row)).unwrap_or_else(|error| spi_failed(&error));
}

/// Replaces the keys of an issuer. An operator's keys and revoked ones are not touched: a JWK set has none of the
/// first, and the second are refused for good.
#[pg_extern(sql = false)]
fn set_jwks(jwks: Option<pgrx::JsonB>, issuer: Option<&str>, audience: Option<&str>) {
    let text = jwks.map(|jwks| jwks.0.to_string()).unwrap_or_default();
    let rows = auth::jwks(&text, issuer, audience)
        .unwrap_or_else(|error| refuse(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, &error.to_string()));
    let replaced = Spi::connect_mut(|client| {
        let delete = "DELETE FROM saas_blog.tb_jwt_key \
                      WHERE issuer IS NOT DISTINCT FROM $1 AND NOT operator AND revoked_at IS NULL";
        client.update(delete, None, &[issuer.into()])?;
        rows.iter().try_for_each(|row| insert(client, row))
    });
    replaced.unwrap_or_else(|error| spi_failed(&error));
}

#[pg_extern(sql = false)]
fn sign_jwt(claims: Option<pgrx::JsonB>, kid: Option<&str>) -> String {
    let claims = claims.map(|claims| claims.0.to_string()).unwrap_or_default();
    let row = session::connected(|| kid.and_then(read_key));
    let Some(row) = row else {
        refuse(PgSqlErrorCode::ERRCODE_NO_DATA_FOUND, "there is no key with this kid")
    };
    Key::parse(row)
        .and_then(|key| auth::sign(&claims, &key))
        .unwrap_or_else(|error| refuse(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, &error.to_string()))
}

fn insert(client: &mut pgrx::spi::SpiClient<'_>, row: &KeyRow) -> Result<(), pgrx::spi::Error> {
    let insert = "INSERT INTO saas_blog.tb_jwt_key (kid, alg, key, issuer, audience, operator) \
                  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let values: [DatumWithOid<'_>; 6] = [
        row.kid.as_str().into(),
        row.alg.as_str().into(),
        row.key.as_str().into(),
        row.issuer.as_deref().into(),
        row.audience.as_deref().into(),
        row.operator.into(),
    ];
    if client.update(insert, None, &values)?.is_empty() {
        refuse(PgSqlErrorCode::ERRCODE_UNIQUE_VIOLATION, "there is, or was, a key with this kid already");
    }
    Ok(())
}

fn spi_failed<T>(error: &pgrx::spi::Error) -> T {
    refuse(PgSqlErrorCode::ERRCODE_INTERNAL_ERROR, &error.to_string())
}

fn refuse(code: PgSqlErrorCode, message: &str) -> ! {
    ereport!(ERROR, code, message.to_owned());
}
