//! Every setting of the extension, with its default: `saas_blog.*` for the installation, `app.*` for the caller.

use crate::auth;
use crate::limits::Limits;
use pgrx::{GucContext, GucFlags, GucRegistry, GucSetting};
use std::ffi::{CStr, CString};
use std::time::{SystemTime, UNIX_EPOCH};

/// One setting that is a number.
struct Number {
    name: &'static CStr,
    meaning: &'static CStr,
    value: &'static GucSetting<i32>,
    range: (i32, i32),
}

macro_rules! numbers {
    ($($id:ident: $name:literal = $default:expr, $low:literal ..= $high:expr, $meaning:literal;)*) => {
        $(static $id: GucSetting<i32> = GucSetting::<i32>::new($default);)*
        const NUMBERS: &[Number] = &[
            $(Number { name: $name, meaning: $meaning, value: &$id, range: ($low, $high) },)*
        ];
    };
}

const GIB: i32 = 1 << 30;

numbers! {
    QUERY_BYTES: c"saas_blog.max_query_bytes" = 64 << 10, 1 ..= 16 << 20, c"Bytes of a request's text.";
    VARIABLES_BYTES: c"saas_blog.max_variables_bytes" = 1 << 20, 1 ..= 256 << 20, c"Bytes of a request's variables.";
    TOKENS: c"saas_blog.max_tokens" = 10_000, 1 ..= 1 << 20, c"Tokens of a request.";
    NESTING: c"saas_blog.max_nesting" = 100, 1 ..= 200, c"Brackets within each other.";
    DEPTH: c"saas_blog.max_depth" = 12, 1 ..= 64, c"Fields within each other.";
    INTROSPECTION_DEPTH: c"saas_blog.max_introspection_depth" = 15, 1 ..= 64, c"Fields within each other, of the schema.";
    ALIASES: c"saas_blog.max_aliases" = 50, 0 ..= GIB, c"Aliases of an operation.";
    ROOT_FIELDS: c"saas_blog.max_root_fields" = 20, 1 ..= 1000, c"Fields of an operation's root.";
    DIRECTIVES: c"saas_blog.max_directives" = 50, 0 ..= GIB, c"Directives of an operation.";
    FIELDS: c"saas_blog.max_fields" = 5_000, 1 ..= 100_000, c"Fields of an operation, fragments expanded.";
    RELATIONS: c"saas_blog.max_relations" = 200, 1 ..= 10_000, c"Objects, lists and counts of an operation.";
    PAGE_SIZE: c"saas_blog.max_page_size" = 100, 0 ..= 1_000_000, c"Rows of one page.";
    ROWS: c"saas_blog.max_rows" = 10_000, 0 ..= GIB, c"Rows of all pages of an operation.";
    COST: c"saas_blog.max_cost" = 64 << 20, 0 ..= GIB, c"Expected bytes of an answer.";
    ANSWER_BYTES: c"saas_blog.max_answer_bytes" = 32 << 20, 1 ..= GIB, c"Bytes of an answer.";
    ERRORS: c"saas_blog.max_errors" = 20, 1 ..= 100, c"Errors in one answer.";
    POPULAR_POSTS_TTL: c"saas_blog.popular_posts_ttl" = 3_600, 0 ..= GIB, c"Seconds that a ranking of popular posts is used.";
    SEARCH_CANDIDATES: c"saas_blog.search_candidates" = 10_000, 1 ..= GIB, c"Posts that a search ranks, the newest first.";
    EVENTS_PER_CALL: c"saas_blog.events_per_call" = 500, 1 ..= 100_000, c"Events that one call of graphql.next gives.";
    EVENT_RETENTION: c"saas_blog.event_retention" = 86_400, 0 ..= GIB, c"Seconds that events are kept for subscribers.";
    PLAN_CACHE_SIZE: c"saas_blog.plan_cache_size" = 256, 0 ..= 100_000, c"Statements that a session keeps.";
    TOKEN_MAX_AGE: c"saas_blog.token_max_age" = 86_400, 1 ..= GIB, c"Seconds from a token's iat to its exp.";
    TOKEN_LEEWAY: c"saas_blog.token_leeway" = 5, 0 ..= 300, c"Seconds by which clocks may differ.";
}

/// Whether `__schema` and `__type` are answered.
static INTROSPECTION: GucSetting<bool> = GucSetting::<bool>::new(true);

/// The caller's context: set by the extension alone, once it has verified a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// `app.tenant_id`
    TenantId,
    /// `app.tenant_pk`
    TenantKey,
    /// `app.user_id`
    UserId,
    /// `app.user_pk`
    UserKey,
    /// `app.role`
    Role,
}

impl Context {
    /// All of it.
    pub const ALL: [Self; 5] = [Self::TenantId, Self::TenantKey, Self::UserId, Self::UserKey, Self::Role];

    /// The setting's name.
    #[must_use]
    pub fn name(self) -> &'static CStr {
        match self {
            Self::TenantId => c"app.tenant_id",
            Self::TenantKey => c"app.tenant_pk",
            Self::UserId => c"app.user_id",
            Self::UserKey => c"app.user_pk",
            Self::Role => c"app.role",
        }
    }

    fn setting(self) -> &'static GucSetting<Option<CString>> {
        static VALUES: [GucSetting<Option<CString>>; 5] =
            [const { GucSetting::<Option<CString>>::new(Some(c"")) }; 5];
        let [tenant_id, tenant_key, user_id, user_key, role] = &VALUES;
        match self {
            Self::TenantId => tenant_id,
            Self::TenantKey => tenant_key,
            Self::UserId => user_id,
            Self::UserKey => user_key,
            Self::Role => role,
        }
    }

    /// The value as `read` understands it; `None` where nothing is set.
    pub fn get<T>(self, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.setting().get()?;
        value.to_str().ok().filter(|text| !text.is_empty()).and_then(read)
    }
}

/// Defines all settings. Values that a user forged before the library was loaded are dropped here by PostgreSQL,
/// because only a superuser may set them (`reapply_stacked_values` in `guc.c`).
pub fn define() {
    for number in NUMBERS {
        let (low, high) = number.range;
        let flags = GucFlags::default();
        GucRegistry::define_int_guc(
            number.name,
            number.meaning,
            c"",
            number.value,
            low,
            high,
            GucContext::Suset,
            flags,
        );
    }
    GucRegistry::define_bool_guc(
        c"saas_blog.introspection",
        c"Whether requests may ask for the schema.",
        c"",
        &INTROSPECTION,
        GucContext::Suset,
        GucFlags::default(),
    );
    for context in Context::ALL {
        GucRegistry::define_string_guc(
            context.name(),
            c"Who asks: set by saas_blog while it answers, empty otherwise.",
            c"",
            context.setting(),
            GucContext::Suset,
            GucFlags::default(),
        );
    }
}

/// The limits as they are set now.
#[must_use]
pub fn limits() -> Limits {
    let get = |setting: &GucSetting<i32>| u64::try_from(setting.get()).unwrap_or(0);
    Limits {
        query_bytes: get(&QUERY_BYTES),
        variables_bytes: get(&VARIABLES_BYTES),
        tokens: get(&TOKENS),
        nesting: get(&NESTING),
        depth: get(&DEPTH),
        introspection_depth: get(&INTROSPECTION_DEPTH),
        aliases: get(&ALIASES),
        root_fields: get(&ROOT_FIELDS),
        directives: get(&DIRECTIVES),
        fields: get(&FIELDS),
        relations: get(&RELATIONS),
        page_size: get(&PAGE_SIZE),
        rows: get(&ROWS),
        cost: get(&COST),
        answer_bytes: get(&ANSWER_BYTES),
        errors: get(&ERRORS),
    }
}

/// Whether requests may ask for the schema.
#[must_use]
pub fn introspection() -> bool {
    INTROSPECTION.get()
}

/// How many events one call of `graphql.next` gives.
#[must_use]
pub fn events_per_call() -> u64 {
    u64::try_from(EVENTS_PER_CALL.get()).unwrap_or(1)
}

/// How many statements a session keeps.
#[must_use]
pub fn plan_cache_size() -> usize {
    usize::try_from(PLAN_CACHE_SIZE.get()).unwrap_or(0)
}

/// How tokens are judged now.
#[must_use]
pub fn token_policy() -> auth::Policy {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    auth::Policy {
        now: i64::try_from(now).unwrap_or(i64::MAX),
        max_age: TOKEN_MAX_AGE.get().into(),
        leeway: TOKEN_LEEWAY.get().into(),
    }
}
