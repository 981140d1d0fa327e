//! Turns the payload of a token into [`Claims`], given the [`Key`] that signed it (RFC 7519 section 4).

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::json::{object, present};
use super::{Claims, Key, Policy, Role, TokenError};

/// The end of the year 9999: what lies behind is no time that anybody meant.
const MAX_TIME: f64 = 253_402_300_799.0;

/// The claims as they are written. Others are ignored (RFC 7519 section 4); a repeated name, `null` and a
/// value of another type are errors. A time is read as `f64`, which is exact for every time up to
/// [`MAX_TIME`].
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    #[serde(deserialize_with = "present")]
    user_id: Option<String>,
    #[serde(deserialize_with = "present")]
    sub: Option<String>,
    #[serde(deserialize_with = "present")]
    tenant_id: Option<String>,
    #[serde(deserialize_with = "present")]
    role: Option<String>,
    #[serde(deserialize_with = "present")]
    scopes: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    scope: Option<String>,
    #[serde(deserialize_with = "present")]
    iss: Option<String>,
    #[serde(deserialize_with = "present")]
    aud: Option<Audience>,
    #[serde(deserialize_with = "present")]
    exp: Option<f64>,
    #[serde(deserialize_with = "present")]
    nbf: Option<f64>,
    #[serde(deserialize_with = "present")]
    iat: Option<f64>,
}

impl Payload {
    pub(super) fn parse(payload: &[u8]) -> Result<Self, TokenError> {
        let payload: Self = object(refuse_nul(payload)?).map_err(TokenError::Claims)?;
        payload.refuse_controls()?;
        Ok(payload)
    }

    /// The claims, if all that they say holds together, for this key and at this time.
    pub(super) fn check(self, key: &Key, policy: &Policy) -> Result<Claims, TokenError> {
        self.check_issuer(key)?;
        self.check_audience(key)?;
        let role: Role = self.role.as_deref().ok_or(TokenError::RoleMissing)?.parse()?;
        let claims = Claims {
            user: self.user()?,
            tenant: self.tenant_id.as_deref().map(|id| uuid("tenant_id", id)).transpose()?,
            role,
            not_before: self.nbf.map(|time| seconds(time, f64::ceil)).transpose()?,
            issued_at: self.iat.map(|time| seconds(time, f64::floor)).transpose()?,
            expires: seconds(self.exp.ok_or(TokenError::ExpiryMissing)?, f64::floor)?,
            scopes: effective_scopes(self.scopes, self.scope.as_deref())?,
        };
        check_identity(&claims, key)?;
        claims.still_valid(policy)?;
        Ok(claims)
    }

    fn refuse_controls(&self) -> Result<(), TokenError> {
        let single = [&self.user_id, &self.sub, &self.tenant_id, &self.role, &self.scope, &self.iss];
        let lists = [self.scopes.as_ref(), self.aud.as_ref().map(|Audience(names)| names)];
        let mut texts = single.into_iter().flatten().chain(lists.into_iter().flatten().flatten());
        if texts.any(|text| text.chars().any(char::is_control)) {
            return Err(TokenError::ControlCharacter);
        }
        Ok(())
    }

    fn check_issuer(&self, key: &Key) -> Result<(), TokenError> {
        match (key.issuer(), self.iss.as_deref()) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(TokenError::IssuerMissing),
            (Some(wanted), Some(given)) if wanted == given => Ok(()),
            (Some(_), Some(_)) => Err(TokenError::Issuer),
        }
    }

    /// A key without an audience leaves us without a name, and who is not named must refuse (RFC 7519 section
    /// 4.1.3).
    fn check_audience(&self, key: &Key) -> Result<(), TokenError> {
        match (key.audience(), &self.aud) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(TokenError::AudienceUnexpected),
            (Some(_), None) => Err(TokenError::AudienceMissing),
            (Some(wanted), Some(Audience(given))) if given.iter().any(|name| name == wanted) => Ok(()),
            (Some(_), Some(_)) => Err(TokenError::Audience),
        }
    }

    fn user(&self) -> Result<Option<Uuid>, TokenError> {
        let user = self.user_id.as_deref().map(|id| uuid("user_id", id)).transpose()?;
        let sub = self.sub.as_deref().map(|id| uuid("sub", id)).transpose()?;
        match (user, sub) {
            (Some(user), Some(sub)) if user != sub => Err(TokenError::UserConflict),
            _ => Ok(user.or(sub)),
        }
    }
}

/// Operator role, operator key and no tenant: all three or none. Everybody else is a user of a tenant.
fn check_identity(claims: &Claims, key: &Key) -> Result<(), TokenError> {
    let operator = claims.role == Role::Operator;
    match (claims.tenant, claims.user) {
        _ if operator != key.operator() => Err(TokenError::OperatorKey),
        (Some(_), _) if operator => Err(TokenError::OperatorTenant),
        (None, _) if !operator => Err(TokenError::TenantMissing),
        (_, None) if !operator => Err(TokenError::UserMissing),
        _ => Ok(()),
    }
}

/// The scopes of `scopes` or of `scope` (RFC 8693 section 4.2), sorted, each once; both only if they are the
/// same set.
fn effective_scopes(
    list: Option<Vec<String>>,
    text: Option<&str>,
) -> Result<Option<Vec<String>>, TokenError> {
    let list = list.map(scope_set).transpose()?;
    let words = text.map(|text| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect());
    match (list, words.map(scope_set).transpose()?) {
        (Some(list), Some(words)) if list != words => Err(TokenError::ScopesConflict),
        (list, words) => Ok(list.or(words)),
    }
}

/// A set of scope tokens: visible ASCII but for `"` and `\` (RFC 6749 section 3.3).
fn scope_set(mut scopes: Vec<String>) -> Result<Vec<String>, TokenError> {
    let valid = |scope: &String| {
        !scope.is_empty()
            && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    };
    if !scopes.iter().all(valid) {
        return Err(TokenError::ScopeInvalid);
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

/// A UUID in its one canonical form, of 36 characters (RFC 9562 section 4); letters of either case.
fn uuid(claim: &'static str, text: &str) -> Result<Uuid, TokenError> {
    let hyphenated = text.len() == 36;
    Uuid::try_parse(text).ok().filter(|_| hyphenated).ok_or(TokenError::NotUuid(claim))
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction, as whole seconds.
fn seconds(time: f64, round: fn(f64) -> f64) -> Result<i64, TokenError> {
    if !(0.0..=MAX_TIME).contains(&time) {
        return Err(TokenError::TimeOutOfRange);
    }
    #[allow(clippy::cast_possible_truncation, reason = "a number between 0 and MAX_TIME")]
    Ok(round(time) as i64)
}

/// Refuses the escape of NUL wherever it is, in claims that nobody reads as well: `PostgreSQL` cannot hold
/// one.
fn refuse_nul(payload: &[u8]) -> Result<&[u8], TokenError> {
    let escape = b"\\u0000";
    // The first test is fast, and few payloads pass it.
    if payload.contains(&b'\\') && payload.windows(escape.len()).any(|bytes| bytes == escape) {
        return Err(TokenError::ControlCharacter);
    }
    Ok(payload)
}

/// `aud`: one name or an array of them (RFC 7519 section 4.1.3).
struct Audience(Vec<String>);

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E>(self, name: &str) -> Result<Audience, E> {
        Ok(Audience(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Audience, A::Error> {
        let mut audience = Vec::new();
        while let Some(name) = names.next_element()? {
            audience.push(name);
        }
        Ok(Audience(audience))
    }
}
