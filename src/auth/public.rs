//! Turns a public key in PEM (RFC 7468) into [`PublicKey`]: its type, and numbers safe to verify with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::DecodingKey;

use super::KeyError;
use super::algorithm::KeyType;

/// `AlgorithmIdentifier`s of a `SubjectPublicKeyInfo` in DER, without the outer tag: RFC 3279 section 2.3.1,
/// RFC 5480 section 2.1.1, RFC 8410 section 3. Everything else is of a type or curve that no algorithm here
/// uses.
const IDENTIFIERS: [(&[u8], KeyType); 4] = [
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", KeyType::Rsa),
    (b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", KeyType::P256),
    (b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22", KeyType::P384),
    (b"\x06\x03\x2b\x65\x70", KeyType::Ed25519),
];

/// The points of small order of edwards25519, without the sign of x, canonical or not: for such a key anybody
/// can sign (RFC 8725 section 3.4). Their y are 0, 1, p - 1, p, p + 1 and the two of order 8.
const SMALL_ORDER: [[u8; 32]; 7] = [
    little_endian(0x00, 0x00, 0x00),
    little_endian(0x01, 0x00, 0x00),
    little_endian(0xec, 0xff, 0x7f),
    little_endian(0xed, 0xff, 0x7f),
    little_endian(0xee, 0xff, 0x7f),
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
       \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
       \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
];

/// Tags of DER (X.690 section 8).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The numbers of a public key. Points are in SEC 1 encoding; whether one is on its curve, the library finds
/// out.
pub(super) enum PublicKey {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// One `PUBLIC KEY` (RFC 5280 section 4.1.2.7) or `RSA PUBLIC KEY` (RFC 8017 appendix A.1.1).
    pub(super) fn from_pem(text: &str) -> Result<Self, KeyError> {
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyError::PrivateKey);
        }
        if text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(KeyError::Certificate);
        }
        if let Some(der) = pem_body(text, "PUBLIC KEY") {
            return Self::from_spki(&der);
        }
        let der = pem_body(text, "RSA PUBLIC KEY").ok_or(KeyError::NotPublicKey)?;
        Self::from_pkcs1(&der)
    }

    fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let (identifier, key) = spki(der).ok_or(KeyError::NotPublicKey)?;
        let (_, key_type) =
            IDENTIFIERS.into_iter().find(|(known, _)| *known == identifier).ok_or(KeyError::UnknownType)?;
        match key_type {
            KeyType::Rsa => Self::from_pkcs1(key),
            KeyType::P256 => Ok(Self::P256(key.to_vec())),
            KeyType::P384 => Ok(Self::P384(key.to_vec())),
            KeyType::Ed25519 => Self::ed25519(key),
            KeyType::Secret => Err(KeyError::UnknownType),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent) = pkcs1(der).ok_or(KeyError::NotPublicKey)?;
        Self::rsa(modulus, exponent)
    }

    /// An RSA key from its big-endian numbers. The library would accept any of them here, and an exponent of
    /// 1 lets anybody sign.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent) = (significant(modulus), significant(exponent));
        match bits(modulus) {
            2048..=4096 => {}
            bits => return Err(KeyError::RsaBits(bits)),
        }
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        if !odd(modulus) || !odd(exponent) || !(2..=33).contains(&bits(exponent)) {
            return Err(KeyError::RsaNumbers);
        }
        Ok(Self::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// An Ed25519 key (RFC 8032 section 5.1.5). The library would panic at a shorter one and cut a longer
    /// one.
    pub(super) fn ed25519(key: &[u8]) -> Result<Self, KeyError> {
        let key: [u8; 32] = key.try_into().map_err(|_| KeyError::Point)?;
        let mut unsigned = key;
        if let Some(last) = unsigned.last_mut() {
            *last &= 0x7f;
        }
        if SMALL_ORDER.contains(&unsigned) {
            return Err(KeyError::Point);
        }
        Ok(Self::Ed25519(key))
    }

    pub(super) const fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::P256(_) => KeyType::P256,
            Self::P384(_) => KeyType::P384,
            Self::Ed25519(_) => KeyType::Ed25519,
        }
    }

    pub(super) fn decoding_key(&self) -> DecodingKey {
        match self {
            Self::Rsa { modulus, exponent } => DecodingKey::from_rsa_raw_components(modulus, exponent),
            Self::P256(point) | Self::P384(point) => DecodingKey::from_ec_der(point),
            Self::Ed25519(key) => DecodingKey::from_ed_der(key),
        }
    }
}

/// The DER in a text that is one PEM block of this label and nothing else (RFC 7468 section 3).
fn pem_body(text: &str, label: &str) -> Option<Vec<u8>> {
    let body = text.trim().strip_prefix(&*format!("-----BEGIN {label}-----"))?;
    let body = body.strip_suffix(&*format!("-----END {label}-----"))?;
    STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()
}

/// `SubjectPublicKeyInfo`: the content of its algorithm identifier, and its key.
fn spki(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (identifier, rest) = element(SEQUENCE, only(SEQUENCE, der)?)?;
    let (unused_bits, key) = only(BIT_STRING, rest)?.split_first()?;
    (*unused_bits == 0).then_some((identifier, key))
}

/// `RSAPublicKey`: modulus and exponent.
fn pkcs1(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (modulus, rest) = element(INTEGER, only(SEQUENCE, der)?)?;
    let exponent = only(INTEGER, rest)?;
    let negative = |number: &[u8]| number.first().is_none_or(|byte| *byte >= 0x80);
    (!negative(modulus) && !negative(exponent)).then_some((modulus, exponent))
}

/// The content of the one element that the input consists of.
fn only(tag: u8, input: &[u8]) -> Option<&[u8]> {
    element(tag, input).and_then(|(content, rest)| rest.is_empty().then_some(content))
}

/// The content of the first element, and what follows it. Lengths of up to two bytes are enough for every key
/// here.
fn element(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match input {
        [first, length @ 0..=0x7f, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x81, length, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x82, high, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A number of 32 bytes whose middle ones are all the same.
const fn little_endian(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// A big-endian number without its leading zeros.
fn significant(number: &[u8]) -> &[u8] {
    number.split_at(number.iter().take_while(|byte| **byte == 0).count()).1
}

/// The length of a big-endian number without leading zeros, in bits.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
