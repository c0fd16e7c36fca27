//! The room as a page, or as the regions that a page which fell behind asks for.

use crate::web::{Page, PageError, Path, Query, SignedIn, Web};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use leptos::prelude::AnyView;
use rideout_app::{
    FormState, Nav,
    components::Tone,
    pages::{
        catch_up,
        room::{
            Draft, Filter, Refused, Rendered, RoomPage, Scene,
            fragments::{self, Regions},
            prompt, room_page,
        },
    },
};
use rideout_domain::{Actor, EntryId, IncidentId};
use rideout_service::room::Snapshot;
use std::collections::BTreeMap;

/// Fields of the composer that an address may fill in beforehand.
const FILLED: &[&str] = &[
    "text",
    "hypothesis",
    "stance",
    "link",
    "action",
    "owner",
    "status_to",
    "severity_to",
    "role",
    "user",
    "whom",
    "wait_minutes",
    "page_user",
];

/// What was typed into a form of the room that is shown again.
#[derive(Default)]
pub(super) struct Again {
    /// The composer.
    pub(super) draft: Draft,
    /// A small form of the board.
    pub(super) refused: Option<Refused>,
    /// A message above the page.
    pub(super) say: Option<String>,
    /// The identifier that the entry keeps.
    pub(super) id: Option<EntryId>,
}

/// Takes the filter (`kinds`, `person`, `system`, `before`), `compose` and what
/// to fill in with it, and `fragment`.
pub(super) async fn room(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
    query: Query,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    let filter = filter_of(&query);
    if query.text("fragment") == "all" {
        return fragment(&web, &actor, &snapshot, &filter, &page).await;
    }
    let mut again = Again::default();
    if let Some(kind) = query.optional("compose") {
        let form = FormState::new().with("kind", kind);
        again.draft.form = FILLED
            .iter()
            .filter_map(|field| Some((*field, query.optional(field)?)))
            .fold(form, |form, (field, value)| form.with(field, value));
    }
    show(
        &web,
        &actor,
        page,
        StatusCode::OK,
        &snapshot,
        &filter,
        again,
    )
    .await
}

fn filter_of(query: &Query) -> Filter {
    let pairs: Vec<(String, String)> = query
        .fields()
        .iter()
        .flat_map(|(field, all)| all.iter().map(move |value| (field.clone(), value.clone())))
        .collect();
    Filter::from_pairs(&pairs)
}

/// The page of a room, with forms shown again where they were refused.
pub(super) async fn show(
    web: &Web,
    actor: &Actor,
    mut page: Page,
    status: StatusCode,
    snapshot: &Snapshot,
    filter: &Filter,
    again: Again,
) -> Result<Response, PageError> {
    let now = page.now();
    let (kept, moment) = web.rooms.of(&web.service, snapshot, now).await?;
    let (room, board) = (&snapshot.room, &*snapshot.board);
    let filtered = (*filter != Filter::default()).then(|| Rendered::of(room, filter));
    let scene = Scene {
        refused: again.refused,
        ..Scene::new(now, moment.here.clone())
    };
    let regions = scene
        .refused
        .is_some()
        .then(|| Regions::of(room, board, &scene));
    let composer = (again.draft != Draft::default())
        .then(|| fragments::composer_html(room, board, &moment.people, &scene, &again.draft));
    let shown = RoomPage {
        incident: &room.incident,
        regions: regions.as_ref().unwrap_or(&moment.regions),
        composer: composer.as_deref().unwrap_or(&moment.composer),
        entry_id: again.id.unwrap_or_else(|| EntryId(web.service.new_id())),
        timeline: filtered.as_ref().unwrap_or(&kept.timeline),
        filter,
        authors: &kept.authors,
        me: actor.id,
        role: actor.role,
        joined: moment.here.iter().any(|p| p.id == actor.id),
    };
    if let Some(message) = again.say {
        page = page.saying(Tone::Bad, message);
    }
    let mark = prompt::title_mark(room, board);
    let title = format!(
        "{mark}{} {}",
        room.incident.reference(),
        room.incident.title
    );
    Ok(page.html(status, Nav::Incidents, &title, || -> AnyView {
        room_page(&shown)
    }))
}

/// Everything that a page which fell behind has to put in place.
async fn fragment(
    web: &Web,
    actor: &Actor,
    snapshot: &Snapshot,
    filter: &Filter,
    page: &Page,
) -> Result<Response, PageError> {
    let (kept, moment) = web.rooms.of(&web.service, snapshot, page.now()).await?;
    let filtered = (*filter != Filter::default()).then(|| Rendered::of(&snapshot.room, filter));
    let timeline = filtered
        .as_ref()
        .unwrap_or(&kept.timeline)
        .items_for(actor.id);
    let regions: BTreeMap<&str, &str> = moment.regions.by_name().into_iter().collect();
    let all = serde_json::json!({
        "seq": snapshot.room.incident.last_seq,
        "timeline": timeline,
        "regions": regions,
        "composer": moment.composer,
    });
    Ok(Json(all).into_response())
}

/// For whoever joins late.
pub(super) async fn catch_up(
    State(web): State<Web>,
    SignedIn(actor): SignedIn,
    page: Page,
    Path(incident): Path<IncidentId>,
) -> Result<Response, PageError> {
    let snapshot = web.service.room(&actor, incident).await?;
    let now = page.now();
    let title = format!("Catch up: {}", snapshot.room.incident.title);
    Ok(page.html(StatusCode::OK, Nav::Incidents, &title, || {
        catch_up::catch_up(&snapshot.room, &snapshot.board, now)
    }))
}
