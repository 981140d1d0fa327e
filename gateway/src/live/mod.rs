//! Turns subscriptions into calls of `graphql.subscribe` and `graphql.next`, and what these give into events for clients.
//!
//! | module | turns | into |
//! | --- | --- | --- |
//! | [`asked`] | what is asked, and with which token | a key |
//! | [`groups`], [`group`] | bells, answers, clients that come and go | calls to make |
//! | [`batch`] | the calls' answers | events |
//! | [`outbox`] | events | what a connection sends |
//! | [`channels`] | the channels that are needed | LISTEN and UNLISTEN |
//! | [`hub`] | these statements, and notifications | bells |
//!
//! Only this module and [`hub`] wait for anything.

pub(crate) mod asked;
pub(crate) mod batch;
mod channels;
mod group;
mod groups;
mod hub;
pub(crate) mod outbox;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use self::asked::Asked;
use self::batch::{Errors, Misshapen};
use self::channels::Channels;
pub(crate) use self::group::Outlet;
pub(crate) use self::groups::MemberId;
use self::groups::{Ask, Bell, Call, Groups};
use crate::app::App;
use crate::database_error::DatabaseError;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::value::{Jsonb, Parameter, Token};

const SUBSCRIBE: &str = "SELECT graphql.subscribe($1, $2, $3, $4, $5)";
const NEXT: &str = "SELECT graphql.next($1, $2, $3, $4, $5)";

/// How often it is looked whether a group's time has come.
const TICK: Duration = Duration::from_millis(100);
/// How long a worker rests after a failure.
const REST: Duration = Duration::from_millis(200);
/// Failures in a row that nobody expects to pass.
const MOST_FAILURES: u32 = 5;

/// All subscriptions of the process.
pub(crate) struct Live {
    groups: Mutex<Groups>,
    channels: Arc<Channels>,
    /// Rung when there is a call to make.
    work: Notify,
}

impl Live {
    pub(crate) fn new(poll_seconds: u64) -> Self {
        let channels = Arc::new(Channels::default());
        let groups = Groups::new(Duration::from_secs(poll_seconds), Arc::clone(&channels));
        Self { groups: Mutex::new(groups), channels, work: Notify::new() }
    }

    /// Begins a subscription, which goes on from the cursor in its extensions if there is one. All else is told to
    /// the outlet: that it began, its events, or that it failed.
    pub(crate) fn subscribe(self: &Arc<Self>, asked: Arc<Asked>, outlet: Outlet) -> Subscription {
        let member = self.change(|groups| groups.subscribe(asked, outlet));
        Subscription { live: Arc::clone(self), member }
    }

    /// These have room for events again.
    pub(crate) fn revive(&self, members: &[MemberId]) {
        if !members.is_empty() {
            self.change(|groups| groups.revive(members));
        }
    }

    fn ring(&self, channel: &str, bell: Bell) {
        self.change(|groups| groups.ring(channel, bell));
    }

    /// Every change goes through here, so that no call is left waiting for a worker.
    fn change<T>(&self, change: impl FnOnce(&mut Groups) -> T) -> T {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let before = groups.len();
        let changed = change(&mut groups);
        if groups.len() != before {
            #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 subscribers")]
            metrics::gauge!("saas_blog_gateway_subscribers").set(groups.len() as f64);
        }
        if groups.is_ready() {
            self.work.notify_one();
        }
        changed
    }

    async fn next_call(&self) -> Call {
        loop {
            // One bell may stand for several calls: whoever takes one rings for the next.
            if let Some(call) = self.change(Groups::next_call) {
                return call;
            }
            self.work.notified().await;
        }
    }
}

/// A subscription, which ends when it is dropped.
pub(crate) struct Subscription {
    live: Arc<Live>,
    member: MemberId,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.live.change(|groups| groups.leave(self.member));
    }
}

/// Starts what subscriptions need. At most half of the pool's connections work for them at the same time.
pub(crate) fn start(app: &Arc<App>) {
    describe_metrics();
    for _ in 0..(app.config.pool_size / 2).max(1) {
        spawn(app, work(Arc::clone(app)));
    }
    spawn(app, watch(Arc::clone(app)));
    spawn(app, hub::run(Arc::clone(app)));
}

fn describe_metrics() {
    metrics::describe_gauge!("saas_blog_gateway_subscribers", "Subscriptions that are open");
    metrics::describe_gauge!("saas_blog_gateway_websockets", "WebSockets that are open");
    metrics::describe_gauge!("saas_blog_gateway_streams", "Streams of server-sent events that are open");
    metrics::describe_counter!("saas_blog_gateway_events_total", "Events given to subscribers");
    metrics::describe_counter!(
        "saas_blog_gateway_slow_clients_total",
        "Clients left because they did not read"
    );
    metrics::describe_counter!(
        "saas_blog_gateway_listener_reconnects_total",
        "Losses of the listening connection"
    );
}

fn spawn(app: &App, task: impl Future<Output = ()> + Send + 'static) {
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move { shutdown.run_until_cancelled(task).await });
}

async fn watch(app: Arc<App>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let given_up = app.live.change(|groups| groups.tick(Instant::now()));
        if given_up > 0 {
            metrics::counter!("saas_blog_gateway_slow_clients_total").increment(given_up as u64);
        }
    }
}

async fn work(app: Arc<App>) {
    loop {
        let call = app.live.next_call().await;
        let outcome = carry_out(&app, &call).await;
        let now = Instant::now();
        match outcome {
            Ok(Answer::Place(place)) => app.live.change(|groups| groups.opened(call.group, place, now)),
            Ok(Answer::Batch(batch)) => {
                let events = app.live.change(|groups| groups.answered(call.group, &batch, now));
                metrics::counter!("saas_blog_gateway_events_total").increment(events as u64);
            }
            Ok(Answer::Refused(errors)) => app.live.change(|groups| groups.refused(call.group, &errors)),
            Err(failure) => {
                let most = failure.most_in_a_row();
                fail(&app, &call, &failure, most, now);
                // A database that is away is asked for by thousands: not as often as it can say no. A request that is
                // at fault itself says nothing of the database, and nobody else shall wait for it.
                if most > 1 {
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

enum Answer {
    Place(batch::Place),
    Batch(batch::Batch),
    Refused(Errors),
}

enum Failure {
    Database(DatabaseError),
    Misshapen(Misshapen),
}

impl Failure {
    /// How often in a row it may happen until the subscription is over; once: it will never do better.
    fn most_in_a_row(&self) -> u32 {
        match self {
            Self::Database(DatabaseError::Busy(_) | DatabaseError::Timeout(_)) => u32::MAX,
            Self::Database(DatabaseError::Internal(_)) => MOST_FAILURES,
            Self::Database(DatabaseError::BadInput(_)) | Self::Misshapen(_) => 1,
        }
    }
}

async fn carry_out(app: &App, call: &Call) -> Result<Answer, Failure> {
    let Asked { token, request } = &*call.asked;
    let Request { query, operation_name, variables, extensions } = request;
    let (token, variables) = (token.as_deref().map(Token), variables.as_deref().map(Jsonb));
    match &call.ask {
        Ask::Subscribe => {
            let extensions = extensions.as_deref().map(Jsonb);
            let parameters: [Parameter<'_>; 5] = [query, &variables, &token, operation_name, &extensions];
            let answer = app.database.json(SUBSCRIBE, &parameters).await.map_err(Failure::Database)?;
            let place = batch::place(&answer).map_err(Failure::Misshapen)?;
            Ok(place.map_or_else(Answer::Refused, Answer::Place))
        }
        Ask::Next(cursor) => {
            let cursor = &**cursor;
            let parameters: [Parameter<'_>; 5] = [query, &variables, &token, operation_name, &cursor];
            let answer = app.database.json(NEXT, &parameters).await.map_err(Failure::Database)?;
            let batch = batch::batch(&answer).map_err(Failure::Misshapen)?;
            Ok(batch.map_or_else(Answer::Refused, Answer::Batch))
        }
    }
}

/// A call that failed is made again later, from the same cursor, unless it did so too often.
fn fail(app: &App, call: &Call, failure: &Failure, most: u32, now: Instant) {
    let refusal = match failure {
        Failure::Database(error) => {
            error.log();
            Refusal::from(error)
        }
        Failure::Misshapen(misshapen) => {
            tracing::error!(error = %misshapen, "the extension gave what is no answer");
            Refusal::from(&DatabaseError::Internal(misshapen.to_string().into()))
        }
    };
    app.live.change(|groups| {
        if groups.failed(call.group, now) >= most {
            groups.refused(call.group, &refusal.errors().into());
        }
    });
}
