//! Turns a client's messages into operations, and what becomes of these into messages to the client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Error;
use tokio_util::task::AbortOnDropHandle;

use super::close::Close;
use super::message;
use super::session::{Session, Step};
use super::socket::{Received, Socket};
use crate::app::App;
use crate::live::asked::Asked;
use crate::live::batch::first_code;
use crate::live::outbox::{News, Outbox, Tag, Taken};
use crate::live::{Outlet, Subscription};
use crate::refusal::Refusal;

/// How long a client has for `connection_init`.
const INIT: Duration = Duration::from_secs(5);
/// After so long without a word the client is asked for a sign, and after as long again without one it is gone.
const SILENCE: Duration = Duration::from_secs(30);
/// How long one message may take to be written.
const PATIENCE: Duration = Duration::from_secs(20);
/// Queries and mutations of one client that are under way or wait to be sent.
const MOST_ANSWERS: usize = 4;
/// Messages that are sent before it is looked whether the client has sent something.
const MOST_AT_ONCE: usize = 32;

/// What keeps an operation going; it ends when this is dropped.
enum Operation {
    Subscription { _until_dropped: Subscription },
    Answer { _until_dropped: AbortOnDropHandle<()> },
}

/// Why a connection ends.
enum End {
    Close(Close),
    /// The client is gone, or says that it goes.
    Gone,
}

impl From<Error> for End {
    fn from(_: Error) -> Self {
        Self::Gone
    }
}

/// One client.
pub(super) struct Connection {
    app: Arc<App>,
    session: Session<Operation>,
    outbox: Arc<Outbox>,
    answers: Arc<Semaphore>,
    /// When the client was last heard.
    heard: Instant,
    /// Whether it has been asked for a sign since.
    asked: bool,
}

impl Connection {
    pub(super) fn new(app: Arc<App>, token: Option<Arc<str>>) -> Self {
        Self {
            app,
            session: Session::new(token),
            outbox: Arc::default(),
            answers: Arc::new(Semaphore::new(MOST_ANSWERS)),
            heard: Instant::now(),
            asked: false,
        }
    }

    /// Talks to the client until one of the two ends it.
    pub(super) async fn serve(mut self, socket: &mut Socket) {
        metrics::gauge!("saas_blog_gateway_websockets").increment(1);
        let end = self.talk(socket).await;
        // Nothing is to be fetched for a client that is being left.
        drop(self);
        match end {
            End::Close(reason) => socket.close(&reason).await,
            End::Gone => socket.end().await,
        }
        metrics::gauge!("saas_blog_gateway_websockets").decrement(1);
    }

    async fn talk(&mut self, socket: &mut Socket) -> End {
        let (shutdown, outbox) = (self.app.shutdown.clone(), Arc::clone(&self.outbox));
        let mut ending = std::pin::pin!(shutdown.cancelled());
        let mut deadline = self.heard + INIT;
        loop {
            let outcome = tokio::select! {
                () = &mut ending => return End::Close(Close::GoingAway),
                received = socket.receive() => self.receive(socket, received).await,
                taken = outbox.take() => match taken {
                    Some(taken) => self.deliver(socket, taken).await,
                    None => Err(End::Close(Close::Slow)),
                },
                () = sleep_until(deadline) => match self.wait(socket).await {
                    Ok(until) => { deadline = until; Ok(()) }
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    /// The deadline has come; the next one.
    async fn wait(&mut self, socket: &mut Socket) -> Result<Instant, End> {
        if !self.session.is_acknowledged() {
            return Err(End::Close(Close::InitTimeout));
        }
        let silence = self.heard + SILENCE;
        if silence > Instant::now() {
            return Ok(silence);
        }
        if std::mem::replace(&mut self.asked, true) {
            return Err(End::Gone);
        }
        self.patiently(socket.ping()).await?;
        Ok(Instant::now() + SILENCE)
    }

    async fn receive(&mut self, socket: &mut Socket, received: Received) -> Result<(), End> {
        (self.heard, self.asked) = (Instant::now(), false);
        match received {
            Received::Sign => Ok(()),
            Received::End => Err(End::Gone),
            Received::Fault(reason) => Err(End::Close(reason)),
            Received::Text(text) => match self.session.receive(&text).map_err(End::Close)? {
                Step::Nothing => Ok(()),
                Step::Send(text) => {
                    self.patiently(socket.write(text)).await?;
                    self.patiently(socket.flush()).await
                }
                Step::Begin(tag, asked) => {
                    let operation = if asked.may_subscribe() {
                        self.subscribe(&tag, &asked)
                    } else {
                        self.answer(&tag, &asked)
                    };
                    self.session.open(tag, asked, operation);
                    Ok(())
                }
            },
        }
    }

    fn subscribe(&self, tag: &Tag, asked: &Arc<Asked>) -> Operation {
        let outlet = Outlet { outbox: Arc::clone(&self.outbox), tag: Arc::clone(tag) };
        Operation::Subscription { _until_dropped: self.app.live.subscribe(Arc::clone(asked), outlet) }
    }

    /// Begins a query or mutation.
    fn answer(&self, tag: &Tag, asked: &Arc<Asked>) -> Operation {
        let (tag, asked) = (Arc::clone(tag), Arc::clone(asked));
        let (app, outbox, answers) =
            (Arc::clone(&self.app), Arc::clone(&self.outbox), Arc::clone(&self.answers));
        let task = self.app.tasks.spawn(async move {
            let Ok(permit) = answers.acquire_owned().await else { return };
            let answer = asked.request.execute(&app.database, asked.token.as_deref()).await;
            let answer = answer.unwrap_or_else(|error| {
                error.log();
                Refusal::from(&error).body().into()
            });
            outbox.push(tag, News::Answer(answer, permit));
        });
        Operation::Answer { _until_dropped: AbortOnDropHandle::new(task) }
    }

    /// Sends what has been taken, and what else there is to send.
    async fn deliver(&mut self, socket: &mut Socket, first: Taken) -> Result<(), End> {
        let (mut next, mut count) = (Some(first), 0);
        while let Some(Taken { tag, news, revived }) = next {
            self.app.live.revive(&revived);
            // What is left of an operation that is over is for nobody.
            if let Some(asked) = self.session.asked(&tag) {
                self.tell(socket, tag, asked, news).await?;
            }
            count += 1;
            next = if count < MOST_AT_ONCE { self.outbox.try_take() } else { None };
        }
        self.patiently(socket.flush()).await
    }

    async fn tell(
        &mut self,
        socket: &mut Socket,
        tag: Tag,
        asked: Arc<Asked>,
        news: News,
    ) -> Result<(), End> {
        match news {
            News::Began(cursor) => self.patiently(socket.write(message::began(&tag, &cursor))).await,
            News::Event(event) => self.patiently(socket.write(message::next(&tag, &event.payload))).await,
            News::Failed(errors) if first_code(&errors).as_deref() == Some("NOT_A_SUBSCRIPTION") => {
                let operation = self.answer(&tag, &asked);
                self.session.open(tag, asked, operation);
                Ok(())
            }
            News::Failed(errors) => {
                self.session.close(&tag);
                self.patiently(socket.write(message::error(&tag, &errors))).await
            }
            News::Answer(answer, _permit) => {
                self.session.close(&tag);
                for text in result(&tag, &answer) {
                    self.patiently(socket.write(text)).await?;
                }
                Ok(())
            }
        }
    }

    /// Waits for something to be written, but not for ever.
    async fn patiently(&self, written: impl Future<Output = Result<(), Error>>) -> Result<(), End> {
        tokio::select! {
            biased;
            written = written => Ok(written?),
            () = self.outbox.given_up() => Err(End::Close(Close::Slow)),
            () = sleep(PATIENCE) => Err(End::Close(Close::Slow)),
        }
    }
}

/// The messages that an answer of `graphql.execute` is: `error` if nothing was executed.
fn result(tag: &str, answer: &Bytes) -> Vec<String> {
    let text = String::from_utf8_lossy(answer);
    match refused(&text) {
        Some(errors) => vec![message::error(tag, errors)],
        None => vec![message::next(tag, &text), message::complete(tag)],
    }
}

/// The errors of a request that was not executed: its answer has no data.
fn refused(answer: &str) -> Option<&str> {
    #[derive(Deserialize)]
    struct Refused<'a> {
        #[serde(borrow)]
        errors: &'a RawValue,
        #[serde(borrow, default, deserialize_with = "crate::live::batch::present")]
        data: Option<&'a RawValue>,
    }
    // An answer with data alone is the rule, and need not be read to its end.
    if answer.starts_with(r#"{"data""#) {
        return None;
    }
    let Refused { errors, data } = serde_json::from_str(answer).ok()?;
    data.is_none().then(|| errors.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_result_unless_nothing_was_executed() {
        for (answer, expected) in [
            (r#"{"data":{"a":1}}"#, vec![r#"{"id":"1","type":"next","payload":{"data":{"a":1}}}"#]),
            (
                r#"{"errors":[1],"data":null}"#,
                vec![r#"{"id":"1","type":"next","payload":{"errors":[1],"data":null}}"#],
            ),
            (r#"{"errors":[1]}"#, vec![]),
            (r#"{"errors":[1],"extensions":{"data":1}}"#, vec![]),
        ] {
            let told = result("1", &Bytes::from(answer));
            let expected: Vec<_> = if expected.is_empty() {
                vec![r#"{"id":"1","type":"error","payload":[1]}"#]
            } else {
                expected.into_iter().chain([r#"{"id":"1","type":"complete"}"#]).collect()
            };
            assert_eq!(told, expected, "{answer}");
        }
    }
}
