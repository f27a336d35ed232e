//! Many questions at once (`/v1/querybatch`), of which one bad one must not cost the rest.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::client::{Client, Request};
use super::error::{HttpError, HttpErrorKind};
use super::osv::{Asked, Query, QueryError, QueryResult, VulnRef, from_json, to_json};
use super::{MAX_BATCH_BYTES, MAX_BATCH_QUERIES, MAX_PAGES, url};

/// How many further requests are spent on finding the bad queries of one batch. By
/// halving, one bad query among a thousand takes twenty.
const MAX_ISOLATION_REQUESTS: usize = 64;

/// A query that waits for a page.
#[derive(Clone)]
struct Pending {
    /// Its place among the caller's queries.
    index: usize,
    /// The token of the page, empty for the first.
    token: String,
}

type Outcome = (usize, Result<BatchPage, QueryError>);

#[derive(Serialize)]
struct BatchQuery<'a> {
    queries: Vec<Asked<'a>>,
}

#[derive(Deserialize)]
struct BatchAnswer {
    results: Vec<BatchPage>,
}

/// A result, or a status of gRPC in its place where the service could not answer.
#[derive(Deserialize)]
struct BatchPage {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    code: Option<Value>,
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    vulns: Vec<BatchVuln>,
    #[serde(default)]
    next_page_token: String,
}

#[derive(Deserialize)]
struct BatchVuln {
    id: String,
    #[serde(default)]
    modified: String,
}

impl Client {
    /// Asks many queries, and says of each what became of it, in the order given.
    ///
    /// This cannot fail as a whole: whatever happens, every query gets a result of its
    /// own, and one without a full answer says so.
    ///
    /// - Queries that OSV has no data for are not sent: [`QueryResult::NotSupported`].
    /// - The rest goes out in batches of [`MAX_BATCH_QUERIES`], so 1,500 queries take two
    ///   requests. Queries with more pages are asked again, up to [`MAX_PAGES`] times.
    /// - If OSV refuses a batch for one of its queries, that one gets
    ///   [`QueryError::Refused`] and the others are asked again without it. Up to 64
    ///   further requests per batch are spent on that.
    /// - The time budget covers the whole call.
    pub async fn query_batch(&self, queries: &[Query]) -> Vec<QueryResult> {
        let deadline = self.inner().deadline();
        let mut results: Vec<QueryResult> = queries.iter().map(unasked).collect();
        let supported = queries
            .iter()
            .enumerate()
            .filter(|(_, query)| query.is_supported());
        let mut pending: Vec<Pending> = supported
            .map(|(index, _)| Pending {
                index,
                token: String::new(),
            })
            .collect();
        for _ in 0..MAX_PAGES {
            if pending.is_empty() {
                return results;
            }
            let batches = pending.chunks(MAX_BATCH_QUERIES);
            let outcomes: Vec<Vec<Outcome>> =
                stream::iter(batches.map(|batch| self.ask_isolating(queries, batch, deadline)))
                    .buffered(self.inner().concurrency)
                    .collect()
                    .await;
            pending = record(&mut results, outcomes.into_iter().flatten());
        }
        for Pending { index, .. } in pending {
            fail(&mut results, index, QueryError::TooManyPages);
        }
        results
    }

    /// Asks one batch, leaving out one after the other the queries that spoil it.
    async fn ask_isolating(
        &self,
        queries: &[Query],
        batch: &[Pending],
        deadline: Instant,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut open = vec![batch.to_vec()];
        let mut requests_left = MAX_ISOLATION_REQUESTS;
        while let Some(mut part) = open.pop() {
            let error = match self.ask(queries, &part, deadline).await {
                Ok(pages) => {
                    outcomes.extend(
                        part.iter()
                            .map(|query| query.index)
                            .zip(pages.into_iter().map(Ok)),
                    );
                    continue;
                }
                Err(error) => error,
            };
            match Suspect::named_by(&error, part.len()) {
                Suspect::Query(place, message) => {
                    let bad = part.remove(place);
                    outcomes.push((bad.index, Err(QueryError::Refused { message })));
                    if part.is_empty() {
                        continue;
                    }
                    if requests_left > 0 {
                        requests_left -= 1;
                        open.push(part);
                        continue;
                    }
                }
                Suspect::SomeQuery if requests_left >= 2 => {
                    requests_left -= 2;
                    let second = part.split_off(part.len() / 2);
                    open.extend([second, part]);
                    continue;
                }
                Suspect::SomeQuery | Suspect::None => {}
            }
            let error = Arc::new(error);
            let failed = |query: &Pending| (query.index, Err(QueryError::Http(Arc::clone(&error))));
            outcomes.extend(part.iter().map(failed));
        }
        outcomes
    }

    /// Asks one batch, once.
    async fn ask(
        &self,
        queries: &[Query],
        part: &[Pending],
        deadline: Instant,
    ) -> Result<Vec<BatchPage>, HttpError> {
        let inner = self.inner();
        let url = url::join(&inner.addresses.osv_api, &["v1", "querybatch"]);
        let asked = part.iter().filter_map(|pending| {
            Some(Asked {
                query: queries.get(pending.index)?,
                page_token: &pending.token,
            })
        });
        let body = to_json(
            &BatchQuery {
                queries: asked.collect(),
            },
            &url,
        )?;
        let request = inner.api_post(url, body);
        let bytes = inner.read(&request, MAX_BATCH_BYTES, deadline).await?.bytes;
        let answer: BatchAnswer = from_json(&bytes, &request)?;
        check_count(answer.results, part.len(), &request)
    }
}

/// The result of a query before its first page.
fn unasked(query: &Query) -> QueryResult {
    if query.is_supported() {
        QueryResult::Answered(Vec::new())
    } else {
        QueryResult::NotSupported
    }
}

/// Adds one page to each result; returns the queries that have more.
fn record(results: &mut [QueryResult], outcomes: impl Iterator<Item = Outcome>) -> Vec<Pending> {
    let mut more = Vec::new();
    for (index, outcome) in outcomes {
        match (results.get_mut(index), outcome) {
            (
                Some(_),
                Ok(BatchPage {
                    error,
                    code,
                    message,
                    ..
                }),
            ) if error.is_some() || code.is_some() || message.is_some() => {
                let said = message.or(error).or(code).map(|said| said.to_string());
                let message = said.unwrap_or_else(|| "an error".to_owned());
                fail(results, index, QueryError::Refused { message });
            }
            (Some(QueryResult::Answered(found)), Ok(page)) => {
                found.extend(page.vulns.into_iter().map(VulnRef::from));
                if !page.next_page_token.is_empty() {
                    more.push(Pending {
                        index,
                        token: page.next_page_token,
                    });
                }
            }
            (_, Ok(_)) => {}
            (_, Err(error)) => fail(results, index, error),
        }
    }
    more.sort_unstable_by_key(|pending| pending.index);
    more
}

fn fail(results: &mut [QueryResult], index: usize, error: QueryError) {
    if let Some(result) = results.get_mut(index) {
        let found = match result {
            QueryResult::Answered(found) => std::mem::take(found),
            _ => Vec::new(),
        };
        *result = QueryResult::Failed { error, found };
    }
}

/// Fewer or more results than queries cannot be told apart, so none is believed.
fn check_count(
    results: Vec<BatchPage>,
    expected: usize,
    request: &Request,
) -> Result<Vec<BatchPage>, HttpError> {
    if results.len() == expected {
        return Ok(results);
    }
    let error = HttpError::new(HttpErrorKind::Malformed, url::shown(&request.url));
    Err(error.detail(format!("{} results for {expected} queries", results.len())))
}

impl From<BatchVuln> for VulnRef {
    fn from(vuln: BatchVuln) -> Self {
        let modified = DateTime::parse_from_rfc3339(&vuln.modified).ok();
        Self {
            id: vuln.id,
            modified: modified.map(|time| time.with_timezone(&Utc)),
        }
    }
}

/// Which query a refusal of a batch is about.
enum Suspect {
    /// That at this place, with what the server says.
    Query(usize, String),
    /// One, but the answer does not say which.
    SomeQuery,
    /// None: the request failed for another reason.
    None,
}

impl Suspect {
    /// The server (google/osv.dev, `query_affected.go`) words it "error in query at index
    /// N: …", with status 400 for a bad query and 500 for one that it fails on.
    fn named_by(error: &HttpError, queries: usize) -> Self {
        let Some(status) = error.status() else {
            return Self::None;
        };
        let message = error.server_message().unwrap_or_default();
        match place(message).filter(|place| *place < queries) {
            Some(place) if matches!(status, 400 | 500) => Self::Query(place, message.to_owned()),
            None if status == 400 && queries == 1 => Self::Query(0, message.to_owned()),
            None if status == 400 => Self::SomeQuery,
            _ => Self::None,
        }
    }
}

fn place(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("query at index ")?;
    let digits = rest
        .split(|character: char| !character.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_bad_query_is_read_from_the_message() {
        assert_eq!(
            place("error in query at index 17: rpc error: invalid ecosystem"),
            Some(17)
        );
        assert_eq!(place("error in query at index 0"), Some(0));
        assert_eq!(place("error in query at index : x"), None);
        assert_eq!(
            place("error in query at index 99999999999999999999999"),
            None
        );
        assert_eq!(place("too many queries"), None);
    }
}
