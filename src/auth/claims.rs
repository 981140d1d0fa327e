//! Turns [`Claims`], who the caller is and what it may do, and a clock into whether they still hold.

use std::str::FromStr;

use uuid::Uuid;

use super::TokenError;

/// What a verified token says. Times are whole seconds since 1970 (RFC 7519 section 2, `NumericDate`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `user_id` or `sub`; there unless the role is [`Role::Operator`].
    pub user: Option<Uuid>,
    /// `tenant_id`; there unless the role is [`Role::Operator`], which never has one.
    pub tenant: Option<Uuid>,
    /// `role`.
    pub role: Role,
    /// `scopes` or `scope`, sorted, each once. `None`: all of the role. Empty: none.
    pub scopes: Option<Vec<String>>,
    /// `nbf`, rounded up.
    pub not_before: Option<i64>,
    /// `iat`, rounded down.
    pub issued_at: Option<i64>,
    /// `exp`, rounded down.
    pub expires: i64,
}

/// The clock, and how strictly times are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The current time in seconds since 1970.
    pub now: i64,
    /// The longest life of a token in seconds: from `iat` to `exp`, or from now to `exp` where there is no
    /// `iat`.
    pub max_age: i64,
    /// How far the issuer's clock may differ from ours, in seconds.
    pub leeway: i64,
}

impl Policy {
    /// The default policy at this time: tokens live a day at most, clocks differ by 5 seconds at most.
    #[must_use]
    pub const fn at(now: i64) -> Self {
        Self { now, max_age: 86_400, leeway: 5 }
    }
}

impl Claims {
    /// Checks all times. Needed on every call for claims that are kept: time passes, and settings change.
    ///
    /// # Errors
    /// `exp` passed, `nbf` or `iat` still to come (RFC 7519 sections 4.1.4 to 4.1.6), or a life longer than
    /// [`Policy::max_age`].
    pub fn still_valid(&self, policy: &Policy) -> Result<(), TokenError> {
        let Policy { now, max_age, leeway } = *policy;
        let latest = now.saturating_add(leeway);
        if now >= self.expires.saturating_add(leeway) {
            return Err(TokenError::Expired);
        }
        if self.not_before.is_some_and(|time| time > latest) {
            return Err(TokenError::NotYetValid);
        }
        if self.issued_at.is_some_and(|time| time > latest) {
            return Err(TokenError::IssuedInFuture);
        }
        if self.expires.saturating_sub(self.issued_at.unwrap_or(latest)) > max_age {
            return Err(TokenError::LifetimeTooLong);
        }
        Ok(())
    }
}

/// What a user is, in the token and in the table of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads and comments.
    Subscriber,
    /// Writes posts of its own.
    Editor,
    /// Runs a tenant.
    Admin,
    /// Runs the installation; belongs to no tenant.
    Operator,
}

impl Role {
    /// The name in the claim, in the table and in `app.role`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscriber => "subscriber",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Operator => "operator",
        }
    }
}

impl FromStr for Role {
    type Err = TokenError;

    fn from_str(name: &str) -> Result<Self, TokenError> {
        [Self::Subscriber, Self::Editor, Self::Admin, Self::Operator]
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or(TokenError::RoleUnknown)
    }
}
