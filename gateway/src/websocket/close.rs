//! Why the gateway ends a WebSocket, as the code and the words of its close frame.

use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// The codes of [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md) and, below 4000,
/// of RFC 6455 and its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Close {
    /// The process ends.
    GoingAway,
    /// The frames are none of RFC 6455's, or end without a word.
    Protocol,
    /// The message is longer than any request may be.
    TooLong,
    /// The client does not read what it has subscribed to. It may come back, and go on from its last cursor.
    Slow,
    /// The message is none of the protocol's.
    Invalid(String),
    /// An operation before the connection was acknowledged.
    Unauthorized,
    /// None of the subprotocols that the client offers is spoken here.
    Subprotocol,
    /// No `connection_init` in time.
    InitTimeout,
    /// The id of an operation that is still going on.
    Exists(String),
    /// A second `connection_init`.
    InitTwice,
}

impl Close {
    fn code(&self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Protocol => 1002,
            Self::TooLong => 1009,
            Self::Slow => 1013,
            Self::Invalid(_) => 4400,
            Self::Unauthorized => 4401,
            Self::Subprotocol => 4406,
            Self::InitTimeout => 4408,
            Self::Exists(_) => 4409,
            Self::InitTwice => 4429,
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::GoingAway => "Going away".to_owned(),
            Self::Protocol => "Protocol error".to_owned(),
            Self::TooLong => "Message too long".to_owned(),
            Self::Slow => "Slow client: read faster, or subscribe to less".to_owned(),
            Self::Invalid(reason) => reason.clone(),
            Self::Unauthorized => "Unauthorized".to_owned(),
            Self::Subprotocol => "Subprotocol not acceptable".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::Exists(id) => format!("Subscriber for {} already exists", cut(id, 80)),
            Self::InitTwice => "Too many initialisation requests".to_owned(),
        }
    }

    /// The frame to send.
    pub(crate) fn frame(&self) -> CloseFrame {
        CloseFrame { code: CloseCode::from(self.code()), reason: cut(&self.reason(), 123).into() }
    }
}

/// The beginning of a text: a control frame has 125 bytes, of which the code takes two.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_fits_into_a_frame() {
        for close in [Close::Exists("é".repeat(1000)), Close::Invalid("x".repeat(1000))] {
            let frame = close.frame();
            assert!(frame.reason.len() <= 123, "{}", frame.reason);
        }
        let frame = Close::Exists("é".repeat(1000)).frame();
        assert_eq!(frame.reason.as_str(), format!("Subscriber for {} already exists", "é".repeat(40)));
        assert_eq!(u16::from(frame.code), 4409);
    }
}
