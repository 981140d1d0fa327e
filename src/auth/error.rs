//! Turns each cause of a refusal into its sentence: [`TokenError`] for the log, [`KeyError`] for the DBA.

use thiserror::Error;

use super::algorithm::Algorithm;

/// Why a token is refused. For the server's log and for tests: a client is told
/// [`Error::Unauthenticated`](crate::error::Error::Unauthenticated) and never this text, which would guide an attacker.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the sentence of each variant is its documentation")]
pub enum TokenError {
    // The request's headers (RFC 6750 section 2.1).
    #[error("the request headers have {0} bytes, which is too many")]
    HeadersTooLong(usize),
    #[error("the request headers cannot be read: {0}")]
    Headers(String),
    #[error("the authorization header is not of the form Bearer <token>")]
    NotBearer,

    // The token's shape and header (RFC 7515).
    #[error("the token has {0} bytes, which is too many")]
    TooLong(usize),
    #[error("the token is not three parts between two dots")]
    Shape,
    #[error("a part of the token is not unpadded base64url")]
    Encoding,
    #[error("the token has an empty signature")]
    SignatureMissing,
    #[error("the token's header cannot be read: {0}")]
    Header(String),
    #[error("the token's header has crit: an extension must be understood, and none is")]
    CriticalHeader,
    #[error("the token's typ is neither JWT nor at+jwt")]
    Type,
    #[error("the token's alg is missing, none, or not one that we know")]
    UnknownAlgorithm,
    #[error("the token's kid is missing")]
    KidMissing,
    #[error("the token's kid is empty, too long, or has control characters")]
    KidInvalid,

    // The key and the signature.
    #[error("no live key has the token's kid")]
    UnknownKey,
    #[error("the token names another key")]
    KidMismatch,
    #[error("the token's alg is {token}, its key's is {key}")]
    AlgorithmMismatch { token: Algorithm, key: Algorithm },
    #[error("the signature does not match")]
    Signature,

    // The claims (RFC 7519 section 4).
    #[error("the token's claims cannot be read: {0}")]
    Claims(String),
    #[error("a claim contains NUL or another control character")]
    ControlCharacter,
    #[error("a time is negative or past the year 9999")]
    TimeOutOfRange,
    #[error("exp is missing")]
    ExpiryMissing,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet (nbf)")]
    NotYetValid,
    #[error("the token was issued in the future (iat)")]
    IssuedInFuture,
    #[error("the token lives longer than is allowed")]
    LifetimeTooLong,
    #[error("iss is missing")]
    IssuerMissing,
    #[error("iss is not the key's issuer")]
    Issuer,
    #[error("aud is missing")]
    AudienceMissing,
    #[error("aud does not contain the key's audience")]
    Audience,
    #[error("the token has aud, but its key names no audience")]
    AudienceUnexpected,

    // Who it is.
    #[error("role is missing")]
    RoleMissing,
    #[error("role is not one that we know")]
    RoleUnknown,
    #[error("role operator needs an operator key, and an operator key signs nothing else")]
    OperatorKey,
    #[error("an operator's token must not have tenant_id")]
    OperatorTenant,
    #[error("tenant_id is missing")]
    TenantMissing,
    #[error("user_id and sub are missing")]
    UserMissing,
    #[error("user_id and sub are different")]
    UserConflict,
    #[error("{0} is not a hyphenated UUID")]
    NotUuid(&'static str),
    #[error("a scope has a character that scopes cannot have")]
    ScopeInvalid,
    #[error("scopes and scope are different sets")]
    ScopesConflict,
    #[error("the token's tenant or user does not exist, or has another role")]
    UnknownUser,
}

/// Why a key is refused, told to the DBA who adds it. No variant holds the key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the sentence of each variant is its documentation")]
pub enum KeyError {
    #[error("A key needs a kid of 1 to 128 bytes.")]
    KidLength,
    #[error("The kid, issuer or audience of a key must not contain control characters.")]
    ControlCharacter,
    #[error("The issuer or audience of a key is either absent or not empty.")]
    EmptyText,
    #[error(
        "The algorithm {0:?} is not supported. Known: HS, RS and PS with 256, 384 or 512, ES256, ES384, EdDSA."
    )]
    UnknownAlgorithm(String),
    #[error("The key has {0} bytes, which is too many.")]
    TooLong(usize),
    #[error("An HMAC secret needs at least 32 bytes, this one has {0}.")]
    SecretTooShort(usize),
    #[error(
        "This is a PEM or JSON document. An HMAC secret must be random; a public key is known to everybody."
    )]
    SecretIsDocument,
    #[error("This is a private key. Add the public key only, and consider this one as disclosed.")]
    PrivateKey,
    #[error("This is a certificate. Add its public key: openssl x509 -in certificate.pem -pubkey -noout")]
    Certificate,
    #[error("The key is neither one public key in PEM (BEGIN PUBLIC KEY, BEGIN RSA PUBLIC KEY) nor a JWK.")]
    NotPublicKey,
    #[error("The type of the key is not supported. Known are RSA, P-256, P-384 and Ed25519.")]
    UnknownType,
    #[error("{algorithm} needs {wanted}, this is {given}.")]
    TypeMismatch { algorithm: Algorithm, wanted: &'static str, given: &'static str },
    #[error("An RSA key needs 2048 to 4096 bits, this one has {0}.")]
    RsaBits(usize),
    #[error("The modulus of an RSA key must be odd, and its exponent odd, at least 3 and below 2^33.")]
    RsaNumbers,
    #[error("The key is not a point of its curve, or is a weak one.")]
    Point,
    #[error("The JWK cannot be read: {0}")]
    Jwk(String),
    #[error("A secret does not belong in a JWK. Give an HMAC secret as it is.")]
    SymmetricJwk,
    #[error("The JWK's own {0} contradicts its use as this key.")]
    JwkContradiction(&'static str),
    #[error("The JWK Set has {0} bytes, which is too many.")]
    SetTooLong(usize),
    #[error("The JWK Set cannot be read: {0}")]
    Set(String),
    #[error("The JWK Set has two signature keys with the kid {0:?}.")]
    DuplicateKid(String),
    #[error("The JWK Set has no signature key that can be used. To withdraw keys, revoke them.")]
    EmptySet,
    #[error("Only an HMAC key can sign here: of all others just the public part is known.")]
    CannotSign,
    #[error("The claims to sign are not a JSON object: {0}")]
    ClaimsNotObject(String),
    #[error("The signed token would have {0} bytes, which is more than is accepted.")]
    TokenTooLong(usize),
}
