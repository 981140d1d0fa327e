//! Turns texts into frames and back, with little memory for each connection.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::close::Close;

/// Of each connection's buffers. Nobody needs more of either most of the time, and there are thousands of them.
const READ_BUFFER: usize = 4 << 10;
const WRITE_BUFFER: usize = 8 << 10;
/// A frame's most. The write buffer grows by one frame and never shrinks: long texts are sent in parts.
const FRAME: usize = 16 << 10;
/// What may lie in the write buffer. It takes more than a frame only where the client asks for signs and reads none: of
/// these the last one alone is kept then.
const MOST_UNSENT: usize = 64 << 10;
/// A request's most, as for HTTP, and some for what is around it.
const MOST_RECEIVED: usize = (1 << 20) + (4 << 10);
/// How long a client has to take the close frame, and then to close its side.
const FAREWELL: Duration = Duration::from_secs(10);

/// What a client sent.
pub(super) enum Received {
    Text(Utf8Bytes),
    /// A frame that only shows that it is there.
    Sign,
    /// It ends the connection.
    End,
    /// The gateway is to end it.
    Fault(Close),
}

/// One client's WebSocket.
pub(super) struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
}

impl Socket {
    pub(super) async fn new(stream: TokioIo<Upgraded>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(MOST_UNSENT)
            .max_message_size(Some(MOST_RECEIVED))
            .max_frame_size(Some(MOST_RECEIVED));
        Self { stream: WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await }
    }

    /// The next thing that comes; it can be dropped while it waits and loses nothing.
    pub(super) async fn receive(&mut self) -> Received {
        match self.stream.next().await {
            Some(Ok(Message::Text(text))) => Received::Text(text),
            Some(Ok(Message::Binary(_))) => {
                Received::Fault(Close::Invalid("Invalid message: binary, where text is spoken".to_owned()))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Received::Sign,
            Some(Err(Error::Capacity(_))) => Received::Fault(Close::TooLong),
            Some(Err(Error::Utf8(_))) => {
                Received::Fault(Close::Invalid("Invalid message: it is not UTF-8".to_owned()))
            }
            Some(Err(Error::Protocol(_))) => Received::Fault(Close::Protocol),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::End,
        }
    }

    /// Writes a text; `flush` sends it. To be dropped only if nothing but a close frame is sent after it.
    pub(super) async fn write(&mut self, text: String) -> Result<(), Error> {
        let mut rest = Bytes::from(text);
        let mut opcode = OpCode::Data(Data::Text);
        while rest.len() > FRAME {
            let part = rest.split_to(FRAME);
            self.stream.feed(Message::Frame(Frame::message(part, opcode, false))).await?;
            opcode = OpCode::Data(Data::Continue);
        }
        self.stream.feed(Message::Frame(Frame::message(rest, opcode, true))).await
    }

    pub(super) async fn flush(&mut self) -> Result<(), Error> {
        self.stream.flush().await
    }

    /// Asks the client for a sign.
    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        self.stream.send(Message::Ping(Bytes::new())).await
    }

    /// Ends the connection. Whatever the client still sends is read and dropped: were it left unread, the system would
    /// take back the close frame as well.
    pub(super) async fn close(&mut self, reason: &Close) {
        let said = async {
            self.stream.send(Message::Close(Some(reason.frame()))).await?;
            self.stream.get_mut().shutdown().await.map_err(Error::from)
        };
        if let Ok(Ok(())) = timeout(FAREWELL, said).await {
            self.drain().await;
        }
    }

    /// Waits for the client to end a connection that is closed on this side.
    async fn drain(&mut self) {
        let mut rest = [0; 1024];
        let gone =
            async { while self.stream.get_mut().read(&mut rest).await.is_ok_and(|count| count > 0) {} };
        let _or_late = timeout(FAREWELL, gone).await;
    }

    /// Answers the client's close frame, if it sent one.
    pub(super) async fn end(&mut self) {
        let said = async {
            while let Some(Ok(_)) = self.stream.next().await {}
            self.stream.get_mut().shutdown().await
        };
        let _or_late = timeout(FAREWELL, said).await;
    }
}
