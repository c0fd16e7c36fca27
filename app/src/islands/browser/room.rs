//! A room's page that follows what happens.

use super::{
    super::plain::delay,
    dom::{
        after, all, attr, by_id, class, document, element, every, everywhere, first, flag, get,
        is_shown, now, on, random, says, set, text_of, window,
    },
    morph, net, notify, ticks,
    timeline::{self, Arrived},
};
use crate::fields::Fields;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, EventSource, MessageEvent};

/// Milliseconds of silence after which a connection is thought dead; the server
/// gives a sign of life every fifteen seconds.
const SILENCE: f64 = 40_000.0;
/// Kinds after which the composer's choices are out of date.
const CHOICES: &[&str] = &[
    "hypothesis",
    "hypothesis_status",
    "action",
    "status",
    "severity",
    "changed",
];

/// How the page hears of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Live,
    Lost,
    Offline,
    Ended,
}

struct Room {
    incident: String,
    seq: Cell<i64>,
    link: Cell<Link>,
    tries: Cell<u32>,
    heard: Cell<f64>,
    source: RefCell<Option<EventSource>>,
    /// Regions that could not be brought up to date while somebody used them.
    held: RefCell<Fields>,
    unread: notify::Unread,
}

thread_local! {
    static ROOM: RefCell<Option<Rc<Room>>> = const { RefCell::new(None) };
}

pub(crate) fn start() {
    let Some(page) = by_id::<Element>("room") else {
        return;
    };
    let room = Rc::new(Room {
        incident: attr(&page, "data-incident"),
        seq: Cell::new(attr(&page, "data-seq").parse().unwrap_or(0)),
        link: Cell::new(Link::Lost),
        tries: Cell::new(0),
        heard: Cell::new(now()),
        source: RefCell::new(None),
        held: RefCell::default(),
        unread: notify::Unread::start(),
    });
    ROOM.set(Some(Rc::clone(&room)));
    room.connect();
    let again = Rc::clone(&room);
    on(&window(), "online", move |_: Event| again.at_once());
    let offline = Rc::clone(&room);
    on(&window(), "offline", move |_: Event| offline.lost());
    let back = Rc::clone(&room);
    on(&document(), "visibilitychange", move |_: Event| {
        if !document().hidden() && back.link.get() != Link::Live {
            back.at_once();
        }
    });
    let watch = Rc::clone(&room);
    every(5_000, move || {
        if watch.link.get() == Link::Live && now() - watch.heard.get() > SILENCE {
            watch.lost();
        }
    });
    for name in ["focusout", "change", "toggle"] {
        let held = Rc::clone(&room);
        // After the focus has found its new place.
        super::dom::on_first(&document(), name, move |_: Event| {
            let held = Rc::clone(&held);
            if !held.held.borrow().is_empty() {
                after(50, move || held.settle());
            }
        });
    }
    super::in_place::start();
    super::alerts::start();
}

/// Loads what is shown again, when something done here has not come back by itself.
pub(crate) fn refresh() {
    spawn_local(refreshed());
}

/// The same; done when what is shown is as new as can be had.
pub(crate) async fn refreshed() {
    if let Some(room) = ROOM.with_borrow(Clone::clone) {
        room.load().await;
    }
}

/// Whether what is done here comes back by itself.
pub(crate) fn is_live() -> bool {
    ROOM.with_borrow(|room| {
        room.as_ref()
            .is_some_and(|room| room.link.get() == Link::Live)
    })
}

impl Room {
    fn connect(self: &Rc<Self>) {
        if self.link.get() == Link::Ended {
            return;
        }
        let address = format!("/incidents/{}/live?after={}", self.incident, self.seq.get());
        let Ok(source) = EventSource::new(&address) else {
            return;
        };
        self.heard.set(now());
        let room = Rc::clone(self);
        on(&source, "open", move |_: Event| {
            room.heard.set(now());
            room.tries.set(0);
            room.show(Link::Live);
            super::composer::send::flush();
        });
        let room = Rc::clone(self);
        let mine = source.clone();
        on(&source, "error", move |_: Event| {
            if room.source.borrow().as_ref() == Some(&mine) {
                room.lost();
            }
        });
        self.hear(&source, "entry", Self::entry);
        self.hear(&source, "regions", |room, data| {
            room.regions(&get(data, "regions"))
        });
        self.hear(&source, "presence", |room, data| {
            if let Some(html) = text_of(data, "html") {
                room.region("here", &html);
            }
        });
        self.hear(&source, "resync", |room, _| {
            let room = Rc::clone(room);
            // Others were told at the same moment.
            after((random() * 1_500.0) as i32, move || {
                spawn_local(async move {
                    room.load().await;
                });
            });
        });
        self.hear(&source, "alive", |_, _| {});
        if let Some(old) = self.source.replace(Some(source)) {
            old.close();
        }
    }

    fn hear(
        self: &Rc<Self>,
        source: &EventSource,
        name: &str,
        act: impl Fn(&Rc<Self>, &JsValue) + 'static,
    ) {
        let room = Rc::clone(self);
        on(source, name, move |event: MessageEvent| {
            room.heard.set(now());
            let data = event.data().as_string().unwrap_or_default();
            act(
                &room,
                &js_sys::JSON::parse(&data).unwrap_or(JsValue::UNDEFINED),
            );
        });
    }

    /// The connection is gone: tries again, ever less often.
    fn lost(self: &Rc<Self>) {
        if let Some(source) = self.source.take() {
            source.close();
        }
        if self.link.get() == Link::Ended {
            return;
        }
        self.show(if window().navigator().on_line() {
            Link::Lost
        } else {
            Link::Offline
        });
        let tries = self.tries.get() + 1;
        self.tries.set(tries);
        let room = Rc::clone(self);
        after(delay::before(tries, random()), move || {
            if room.tries.get() == tries {
                room.again();
            }
        });
    }

    fn at_once(self: &Rc<Self>) {
        if self.source.borrow().is_none() {
            self.tries.set(0);
            self.again();
        }
    }

    fn again(self: &Rc<Self>) {
        if self.tries.get() < 2 {
            return self.connect();
        }
        // An event source does not say why it failed: the API does.
        let room = Rc::clone(self);
        spawn_local(async move {
            match net::load(&format!("/api/v1/incidents/{}", room.incident))
                .await
                .status
            {
                401 | 403 | 404 => room.show(Link::Ended),
                200 => room.connect(),
                _ => room.lost(),
            }
        });
    }

    fn show(&self, link: Link) {
        self.link.set(link);
        let (words, tone, title) = match link {
            Link::Live => (
                "live",
                "chip ok",
                "What others write appears here by itself.",
            ),
            Link::Lost => (
                "reconnecting",
                "chip warn",
                "The connection is lost; trying again. What you write waits here.",
            ),
            Link::Offline => (
                "offline",
                "chip warn",
                "The network is gone. What you write waits here and is sent when it is back.",
            ),
            Link::Ended => (
                "signed out",
                "chip bad",
                "Reload the page to sign in again. What you write waits here.",
            ),
        };
        let Some(mark) = self.mark() else { return };
        let waiting = super::composer::send::waiting();
        let words = if waiting > 0 {
            format!("{words}, {waiting} waiting")
        } else {
            words.to_owned()
        };
        says(&mark, &words);
        mark.set_class_name(tone);
        set(&mark, "title", title);
        flag(&mark, "hidden", false);
    }

    /// Where it is said; at the head of the timeline when the composer is hidden.
    fn mark(&self) -> Option<Element> {
        let mark = by_id::<Element>("live-state").or_else(|| {
            let mark = element("span", "chip")?;
            mark.set_id("live-state");
            set(&mark, "role", "status");
            Some(mark)
        })?;
        if !mark.is_connected()
            || !mark
                .parent_element()
                .is_some_and(|around| is_shown(&around))
        {
            let head = everywhere::<Element>(".timeline-head").into_iter().next()?;
            let _ = head.append_child(&mark);
        }
        Some(mark)
    }

    fn entry(self: &Rc<Self>, data: &JsValue) {
        self.has_seen(data);
        if let Some(list) = timeline::list() {
            let html = text_of(data, "html").unwrap_or_default();
            let was_at_end = timeline::at_end(&list);
            let arrived = timeline::steadily(&list, || {
                let arrived = timeline::put(&list, &html);
                let replaced: js_sys::Array = get(data, "replace").dyn_into().unwrap_or_default();
                for one in replaced.iter() {
                    let (entry, html) = (text_of(&one, "entry"), text_of(&one, "html"));
                    timeline::replace(&list, &entry.unwrap_or_default(), &html.unwrap_or_default());
                }
                arrived
            });
            match arrived {
                Arrived::New(item) => self.noticed(&list, &item, was_at_end),
                Arrived::Sent(item) => timeline::light_up(&item),
                Arrived::Nothing => {}
            }
        }
        let kind = super::dom::parse(&text_of(data, "html").unwrap_or_default())
            .map(|item| attr(&item, "data-kind"));
        if matches!(
            kind.as_deref(),
            Some("paged" | "page_acknowledged" | "escalation")
        ) {
            super::called::look();
        }
        super::composer::send::recorded(&text_of(data, "entry").unwrap_or_default());
        self.regions(&get(data, "regions"));
        let stale =
            super::dom::parse(&text_of(data, "html").unwrap_or_default()).is_some_and(|item| {
                CHOICES.contains(&attr(&item, "data-kind").as_str())
                    || !super::composer::knows(&attr(&item, "data-author"))
            });
        if let Some(composer) = by_id::<Element>("composer").filter(|_| stale) {
            flag(&composer, "data-stale", true);
        }
    }

    fn noticed(&self, list: &Element, item: &Element, was_at_end: bool) {
        if !timeline::filter(list).shows(&attr(item, "data-kind")) {
            return;
        }
        timeline::light_up(item);
        let mine = item.has_attribute("data-mine");
        if !mine {
            let who = first::<Element>(item, ".head")
                .and_then(|e| e.text_content())
                .unwrap_or_default();
            let what = first::<Element>(item, ".prose")
                .and_then(|e| e.text_content())
                .unwrap_or_default();
            self.unread
                .arrived(item, &format!("{} {what}", who.trim()), !was_at_end);
        }
    }

    fn regions(self: &Rc<Self>, regions: &JsValue) {
        let Ok(regions) = regions.clone().dyn_into::<js_sys::Object>() else {
            return;
        };
        for name in js_sys::Object::keys(&regions)
            .iter()
            .filter_map(|name| name.as_string())
        {
            if let Some(html) = text_of(&regions, &name) {
                self.region(&name, &html);
            }
        }
    }

    /// Brings a region up to date, or keeps it aside while somebody uses it.
    fn region(&self, name: &str, html: &str) {
        let (Some(old), Some(new)) = (
            by_id::<Element>(&format!("region-{name}")),
            super::dom::parse(html),
        ) else {
            return;
        };
        ticks::localise(&new);
        let count = first::<Element>(&new, "[data-here]").map(|e| attr(&e, "data-here"));
        if morph::morph(&old, &new) {
            self.held.borrow_mut().insert(name, html.to_owned());
        } else {
            self.held.borrow_mut().remove(name);
        }
        if name == "prompt" {
            super::alerts::changed();
            self.unread.retitle();
        }
        if let Some(count) = count {
            everywhere::<Element>("[data-here-count]")
                .iter()
                .for_each(|e| says(e, &count));
        }
        for late in all::<Element>(&old, "[data-late-at]") {
            let at = super::dom::millis(&attr(&late, "data-late-at"));
            class(&late, "late", at.is_some_and(|at| now() >= at));
        }
    }

    fn settle(&self) {
        let held = self.held.take();
        for (name, html) in held.iter() {
            self.region(name, html);
        }
    }

    /// Loads everything that is shown, and puts it in place.
    async fn load(self: &Rc<Self>) {
        let search = window().location().search().unwrap_or_default();
        let join = if search.is_empty() { "?" } else { "&" };
        let address = format!("/incidents/{}{search}{join}fragment=all", self.incident);
        let answer = net::load(&address).await;
        if !answer.is_ok() {
            if matches!(answer.status, 401 | 403 | 404) || answer.leads_on {
                self.show(Link::Ended);
            }
            return;
        }
        let data = answer.json();
        if let (Some(list), Some(html)) = (timeline::list(), text_of(&data, "timeline")) {
            let was_at_end = timeline::at_end(&list);
            let new = timeline::steadily(&list, || timeline::catch_up(&list, &html));
            for item in &new {
                super::composer::send::recorded(&attr(item, "data-entry"));
                self.noticed(&list, item, was_at_end);
            }
        }
        // Where an event overtook the answer, its regions are the newer ones.
        if get(&data, "seq").as_f64().unwrap_or(0.0) as i64 >= self.seq.get() {
            self.regions(&get(&data, "regions"));
        }
        if let Some(html) = text_of(&data, "composer") {
            super::composer::choices(&html);
        }
        self.has_seen(&data);
    }

    fn has_seen(&self, data: &JsValue) {
        let seq = get(data, "seq").as_f64().unwrap_or(0.0) as i64;
        self.seq.set(self.seq.get().max(seq));
    }
}

/// The number of entries that wait has changed.
pub(crate) fn waiting_changed() {
    if let Some(room) = ROOM.with_borrow(Clone::clone) {
        room.show(room.link.get());
    }
}
