//! Turns a token into a [`Caller`]: verified, and its tenant and user read as `saas_blog_exec` behind the walls.

use super::changes::{self, Moment};
use super::receiver::Row;
use super::session::{self, Role};
use super::statement::Own;
use super::{log, statistics};
use crate::auth::{self, Claims, Key, KeyRow, TokenError};
use crate::error::Error;
use crate::plan::{Bound, Caller, Tenant, User};
use crate::schema::Scopes;
use crate::settings::{self, Context};
use lru::LruCache;
use pgrx::pg_sys;
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::num::NonZeroUsize;
use std::rc::Rc;
use uuid::Uuid;

/// Who asks, and the role that answers. The role is given back when this is dropped.
pub(crate) struct Session {
    /// None without a token.
    pub(crate) caller: Option<Rc<Caller>>,
    #[allow(dead_code, reason = "it is held for what its end does")]
    role: Role,
}

/// What was found for a token: its caller, and the context that the walls read.
struct Login {
    claims: Claims,
    caller: Rc<Caller>,
    context: Vec<(Context, CString)>,
}

/// Checks the token, its key, its tenant and its user, and sets the context that the walls read. `scopes` are the
/// schema's.
///
/// A token is verified, and what it names is read, once in each [`Moment`]: a key that was revoked since, or a user that was
/// changed, is read again. The token's times are looked at on every call.
///
/// # Errors
/// [`Error::Unauthenticated`], whatever is wrong with the token; the server's log says it at `DEBUG1`.
pub(crate) fn log_in(token: Option<&str>, scopes: &[String]) -> Result<Session, Error> {
    session::pin();
    let refused = |error: TokenError| {
        log::debug(|| format!("saas_blog: token refused: {error}"));
        Error::Unauthenticated
    };
    let header = if token.is_none() { bearer().map_err(refused)? } else { None };
    let Some(token) = token.or(header.as_deref()) else {
        return Ok(Session { caller: None, role: Role::exec() });
    };
    let policy = settings::token_policy();
    let (caller, role) = if let Some(login) = remembered(token) {
        login.claims.still_valid(&policy).map_err(refused)?;
        let role = Role::exec();
        login.context.iter().for_each(|(context, value)| session::set(*context, value));
        (Rc::clone(&login.caller), role)
    } else {
        let moment = changes::watch();
        let (kid, claims) = session::latest(|| verify(token, &policy)).map_err(refused)?;
        let role = Role::exec();
        let login = session::latest(|| enter(&kid, claims, scopes));
        let login = Rc::new(login.ok_or(TokenError::UnknownUser).map_err(refused)?);
        LOGINS.with_borrow_mut(|logins| logins.put(token.to_owned(), (moment, Rc::clone(&login))));
        (Rc::clone(&login.caller), role)
    };
    statistics::authenticated();
    Ok(Session { caller: Some(caller), role })
}

/// What this session has found for the token, unless it may have changed since.
fn remembered(token: &str) -> Option<Rc<Login>> {
    let now = changes::moment();
    LOGINS.with_borrow_mut(|logins| {
        logins.get(token).filter(|(read, _)| *read == now).map(|(_, login)| Rc::clone(login))
    })
}

/// The token of the request's `Authorization` header, where a proxy such as PostgREST gives the headers.
fn bearer() -> Result<Option<String>, TokenError> {
    // SAFETY: an unknown option is a null pointer, a known one a string that stays until it changes.
    let headers = unsafe {
        let value = pg_sys::GetConfigOption(c"request.headers".as_ptr(), true, false);
        if value.is_null() { None } else { CStr::from_ptr(value).to_str().ok().map(str::to_owned) }
    };
    headers.filter(|text| !text.is_empty()).map_or(Ok(None), |text| auth::bearer(&text))
}

/// Sets the context from verified claims, and reads what the claims name. `None` if it is not there, or not so.
fn enter(kid: &str, claims: Claims, scopes: &[String]) -> Option<Login> {
    let granted = claims.scopes.as_ref().map_or(Scopes::ALL, |named| mask(named, scopes));
    let role = claims.role;
    let mut context = Vec::new();
    let mut set = |part: Context, value: String| {
        // A number, a UUID and the name of a role have no NUL.
        let value = CString::new(value).unwrap_or_default();
        session::set(part, &value);
        context.push((part, value));
    };
    let caller = if role == auth::Role::Operator {
        let operator = claims.user.map_or_else(|| kid.to_owned(), |user| format!("{kid} {user}"));
        Caller { role, operator: Some(operator), scopes: granted, tenant: None, user: None }
    } else {
        let (tenant_id, user_id) = (claims.tenant?, claims.user?);
        set(Context::TenantId, tenant_id.to_string());
        let found = TENANT.with(|own| read(own, &[uuid(tenant_id)]))?;
        let tenant = Tenant { key: found.bigint(1)?, id: tenant_id, identifier: found.text(2)? };
        set(Context::TenantKey, tenant.key.to_string());
        let found = USER.with(|own| read(own, &[Bound::Bigint(Some(tenant.key)), uuid(user_id)]))?;
        if found.text(2)? != role.as_str() {
            return None;
        }
        let user = User { key: found.bigint(1)?, id: user_id };
        set(Context::UserId, user_id.to_string());
        set(Context::UserKey, user.key.to_string());
        Caller { role, operator: None, scopes: granted, tenant: Some(tenant), user: Some(user) }
    };
    set(Context::Role, role.as_str().to_owned());
    Some(Login { claims, caller: Rc::new(caller), context })
}

fn uuid(id: Uuid) -> Bound {
    Bound::Uuid(Some(id.into_bytes()))
}

/// The scopes of the schema that the token names; unknown ones mean nothing.
fn mask(named: &[String], known: &[String]) -> Scopes {
    let places = known.iter().enumerate().filter(|(_, scope)| named.contains(scope));
    places.fold(Scopes::NONE, |set, (place, _)| set.union(Scopes::at(place)))
}

/// The row that one of the login's statements finds.
fn read(statement: &Own, values: &[Bound]) -> Option<Row> {
    statement.run(values, session::current_memory())
}

const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(63);

thread_local! {
    static KEY: Own = const { Own::new(
        "SELECT alg, key, issuer, audience, operator FROM saas_blog.tb_jwt_key WHERE kid = $1 AND revoked_at IS NULL",
        &[pg_sys::TEXTOID],
    ) };
    static TENANT: Own = const { Own::new(
        "SELECT pk_tenant, identifier FROM saas_blog.tb_tenant WHERE id = $1",
        &[pg_sys::UUIDOID],
    ) };
    static USER: Own = const { Own::new(
        "SELECT pk_user, role FROM saas_blog.tb_user WHERE fk_tenant = $1 AND id = $2",
        &[pg_sys::INT8OID, pg_sys::UUIDOID],
    ) };
    /// Keys that were parsed, with the rows that they were.
    static KEYS: RefCell<LruCache<String, (KeyRow, Rc<Key>)>> = RefCell::new(LruCache::new(REMEMBERED));
    /// Tokens whose signature was checked, with what was found for them and when it was read.
    static LOGINS: RefCell<LruCache<String, (Moment, Rc<Login>)>> = RefCell::new(LruCache::new(REMEMBERED));
}

/// The claims of a token, as its key's row stands now, and that key's `kid`.
fn verify(token: &str, policy: &auth::Policy) -> Result<(String, Claims), TokenError> {
    let unverified = auth::read(token)?;
    let key = key(unverified.kid())?;
    let claims = auth::verify(&unverified, &key, policy)?;
    Ok((key.kid().to_owned(), claims))
}

/// The key of this name, if it is in the table and not revoked.
fn key(kid: &str) -> Result<Rc<Key>, TokenError> {
    let row = read_key(kid).ok_or(TokenError::UnknownKey)?;
    let known = KEYS.with_borrow_mut(|keys| {
        keys.get(kid).filter(|(known, _)| *known == row).map(|(_, key)| Rc::clone(key))
    });
    if let Some(key) = known {
        return Ok(key);
    }
    let key = Rc::new(Key::parse(row.clone()).map_err(|_| TokenError::UnknownKey)?);
    KEYS.with_borrow_mut(|keys| keys.put(kid.to_owned(), (row, Rc::clone(&key))));
    Ok(key)
}

/// The row of a key. Only `saas_blog_owner` sees any.
pub(super) fn read_key(kid: &str) -> Option<KeyRow> {
    let row = KEY.with(|own| read(own, &[Bound::Text(kid.to_owned())]))?;
    Some(KeyRow {
        kid: kid.to_owned(),
        alg: row.text(1)?,
        key: row.text(2)?,
        issuer: row.text(3),
        audience: row.text(4),
        operator: row.boolean(5),
    })
}
