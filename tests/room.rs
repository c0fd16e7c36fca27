//! The war room by forms alone, as a browser without JavaScript uses it.

use crate::support::{Answer, Client, TestServer, Who, new_id, send};
use reqwest::multipart;
use serde_json::{Value, json};

/// A room with somebody who writes in it.
struct Room {
    server: TestServer,
    rosa: Client,
    id: String,
}

impl Room {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let rosa = server.client(Who::Responder);
        let id = rosa.declare("Reservations crawl and time out").await;
        Self { server, rosa, id }
    }

    fn path(&self, rest: &str) -> String {
        format!("/incidents/{}{rest}", self.id)
    }

    async fn page(&self, rest: &str) -> String {
        self.rosa.get(&self.path(rest)).await.expect(200).text
    }

    /// Sends the composer; the identifier is new unless it is among the fields.
    async fn send(&self, fields: &[(&str, &str)]) -> Answer {
        let id = new_id();
        let mut all = vec![("id", id.as_str())];
        if fields.iter().any(|(name, _)| *name == "id" || *name == "form") {
            all.clear();
        }
        all.extend_from_slice(fields);
        self.rosa.form(&self.path("/entries"), &all).await
    }

    /// Adds an entry and returns it as the API tells it.
    async fn add(&self, fields: &[(&str, &str)]) -> Value {
        let address = self.send(fields).await.expect(303).header("location").to_owned();
        let seq: i64 = address.rsplit("#e-").next().unwrap().parse().unwrap_or_else(|_| panic!("{address}"));
        self.entries().await.into_iter().find(|e| e["seq"] == seq).unwrap()
    }

    async fn entries(&self) -> Vec<Value> {
        let path = format!("/api/v1/incidents/{}/entries?limit=1000", self.id);
        self.rosa.get(&path).await.expect(200).json()["entries"].as_array().unwrap().clone()
    }

    async fn upload(&self, fields: &[(&str, &str)], name: &str, content_type: &str, content: Vec<u8>) -> Answer {
        let part = multipart::Part::bytes(content).file_name(name.to_owned()).mime_str(content_type).unwrap();
        let form = fields.iter().fold(multipart::Form::new(), |form, (name, value)| {
            form.text((*name).to_owned(), (*value).to_owned())
        });
        send(self.rosa.request("POST", &self.path("/entries")).multipart(form.part("file", part))).await
    }
}

fn id_of(entry: &Value) -> &str {
    entry["id"].as_str().unwrap()
}

/// The page from the element with this identifier on.
fn from<'a>(page: &'a str, id: &str) -> &'a str {
    page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in {page}")).1
}

#[tokio::test]
async fn the_story_can_be_told_by_forms_alone() {
    let room = Room::open().await;
    let rosa = room.server.person(Who::Responder).id.clone();
    let bea = room.server.person(Who::Bystander).id.clone();
    room.add(&[("kind", "finding"), ("text", "Reservation spins 40 s, then times out.")]).await;
    let carrier = room.add(&[("kind", "hypothesis"), ("text", "The carrier is down")]).await;
    let against = [("kind", "evidence"), ("hypothesis", id_of(&carrier)), ("stance", "against"), ("link", "https://example.org/q"), ("text", "")];
    assert_eq!(room.add(&against).await["stance"], "against");
    let out = [("form", "standing-3"), ("seen", "1"), ("kind", "hypothesis_status"), ("hypothesis", id_of(&carrier)), ("hypothesis_to", "refuted"), ("text", "It copes")];
    room.add(&out).await;
    let task = room.add(&[("kind", "task"), ("owner", "me"), ("task_minutes", "5"), ("text", "Look at the ports")]).await;
    assert_eq!(task["owner"], rosa.as_str());
    let away = [("kind", "breakout"), ("people", rosa.as_str()), ("people", bea.as_str()), ("breakout_minutes", "15"), ("text", "Reach the admin interface")];
    let breakout = room.add(&away).await;
    let blocker = room.add(&[("kind", "blocker"), ("waiting_on", "platform"), ("blocker_minutes", ""), ("text", "No access")]).await;
    let decision = room.add(&[("kind", "decision"), ("alternatives", "add four now\n\nwait"), ("text", "No guess")]).await;
    assert_eq!(decision["alternatives"], json!(["add four now", "wait"]));
    room.add(&[("kind", "stakeholder_update"), ("next_minutes", "30"), ("text", "Reservations are slow.")]).await;

    let page = room.page("").await;
    let board = from(&page, "region-thinking");
    assert!(board.contains("What blocks us") && board.contains("Tried and ruled out") && board.contains("It copes"));
    assert!(from(&page, "region-doing").contains("Reach the admin interface"));
    assert!(from(&page, "timeline").contains("against “The carrier is down”"));

    room.add(&[("form", "x"), ("seen", "1"), ("kind", "task_done"), ("task", id_of(&task)), ("text", "All to the admin port")]).await;
    room.add(&[("form", "x"), ("seen", "2"), ("kind", "breakout_ended"), ("breakout", id_of(&breakout)), ("text", "Pool of 8")]).await;
    room.add(&[("form", "x"), ("seen", "3"), ("kind", "blocker_lifted"), ("blocker", id_of(&blocker)), ("text", "")]).await;
    let action = room.add(&[("kind", "action"), ("text", "Routed to the main port")]).await;
    room.add(&[("form", "x"), ("seen", "4"), ("kind", "action_effect"), ("action", id_of(&action)), ("effect", "helped"), ("text", "1.2 s")]).await;
    room.add(&[("kind", "severity"), ("severity_to", "SEV3"), ("text", "Fine again")]).await;
    room.add(&[("form", "role"), ("seen", "0"), ("kind", "role_taken"), ("role", "scribe"), ("user", "me"), ("text", "")]).await;
    room.send(&[("kind", "status"), ("status_to", "resolved"), ("text", "")]).await.expect(422);
    room.add(&[("kind", "status"), ("status_to", "resolved"), ("text", "The pool was too small.")]).await;

    let page = room.page("").await;
    assert!(page.contains("Lasted") && page.contains("Reopen"));
    assert!(!from(&page, "region-doing").split("region-roles").next().unwrap().contains("Look at the ports"));
    let caught_up = room.page("/catch-up").await;
    assert!(caught_up.contains("How it ended") && caught_up.contains("The pool was too small."));
    let exported = room.rosa.get(&room.path("/export.md")).await.expect(200);
    assert!(exported.text.contains("Pool of 8") && exported.header("content-disposition").starts_with("attachment"));
    let exported = room.rosa.get(&room.path("/export.json")).await.expect(200);
    assert_eq!(exported.json()["format"], "rideout.incident/1");
}

#[tokio::test]
async fn a_form_sent_twice_is_one_entry() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let id = new_id();
    for _ in 0..2 {
        room.send(&[("id", &id), ("kind", "note"), ("text", "Directors ask")]).await.expect(303);
    }
    let hypothesis = room.add(&[("kind", "hypothesis"), ("text", "Threads are tied up")]).await;
    for _ in 0..2 {
        // The forms of the board carry no identifier.
        let tested = [("form", "standing-2"), ("seen", "7"), ("kind", "hypothesis_status"), ("hypothesis", id_of(&hypothesis)), ("hypothesis_to", "testing"), ("text", "")];
        room.send(&tested).await.expect(303);
    }
    for _ in 0..2 {
        let id = format!("{}aa", &id[..34]);
        let fields = [("id", id.as_str()), ("kind", "evidence"), ("text", "Counted")];
        room.upload(&fields, "counts.csv", "text/csv", b"8,32".to_vec()).await.expect(303);
    }
    assert_eq!(room.entries().await.len(), before + 4);
}

#[tokio::test]
async fn what_is_refused_comes_back_as_it_was_typed() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("kind", "note"), ("text", "  ")], "is empty"),
        (&[("kind", "task"), ("text", "Kept <text> &amp;"), ("task_minutes", "soon")], "how many minutes"),
        (&[("kind", "task"), ("text", "Kept <text> &amp;"), ("owner", "me"), ("task_minutes", "0")], "0 minutes will not do"),
        (&[("kind", "evidence"), ("text", "Kept <text> &amp;"), ("link", "javascript:alert(1)")], "is not a link"),
        (&[("kind", "breakout"), ("text", "Kept <text> &amp;"), ("breakout_minutes", "5")], "Choose who goes"),
        (&[("kind", "note"), ("text", "Kept <text> &amp;"), ("occurred_at", "9999-01-01T00:00")], "lies in the future"),
        (&[("kind", "note"), ("text", "Kept <text> &amp;"), ("occurred_at", "yesterday")], "That is no time"),
        (&[("kind", "joined"), ("text", "Kept <text> &amp;")], "Only Rideout writes"),
        (&[("kind", "note"), ("text", "/nonsense Kept <text> &amp;")], "is no command"),
        (&[("kind", "status"), ("text", "Kept <text> &amp;"), ("status_to", "investigating")], "already"),
    ];
    for (fields, said) in cases {
        let answer = room.send(fields).await;
        assert!([409, 422].contains(&answer.status), "{fields:?}: {} {}", answer.status, answer.header("location"));
        assert!(answer.text.contains(said), "{fields:?} should say “{said}”");
        assert!(answer.text.ends_with("</html>"));
        if fields[1].1.contains("Kept") {
            assert!(answer.text.contains("Kept &lt;text> &amp;amp;"), "{fields:?} lost its text");
            assert!(!answer.text.contains("Kept <text>"), "{fields:?} is not escaped");
        }
    }
    assert_eq!(room.entries().await.len(), before, "nothing was recorded");
    let long = "x".repeat(900_000);
    let answer = room.send(&[("kind", "note"), ("text", &long)]).await.expect(422);
    assert!(answer.text.contains("900000 characters") && answer.text.contains(&long), "not a letter is lost");
}

#[tokio::test]
async fn a_refused_form_of_the_board_opens_where_it_stands() {
    let room = Room::open().await;
    let hypothesis = room.add(&[("kind", "hypothesis"), ("text", "Threads are tied up")]).await;
    let (key, long) = (format!("standing-{}", hypothesis["seq"]), "y".repeat(20_001));
    let fields = [("form", key.as_str()), ("seen", "1"), ("kind", "hypothesis_status"), ("hypothesis", id_of(&hypothesis)), ("hypothesis_to", "testing"), ("text", &long)];
    let answer = room.send(&fields).await.expect(422);
    let form = answer.text.split_once(&format!("data-ask=\"{key}\"")).unwrap();
    assert!(form.0.ends_with("<details open class=\"ask write\" ") || form.0.rsplit('<').next().unwrap().contains("open"));
    assert!(form.1.contains(&long) && form.1.contains("20001 characters"));
    assert!(!from(&answer.text, "composer-text").starts_with(&long), "the composer stays empty");
}

#[tokio::test]
async fn slash_commands_work_without_a_script() {
    let room = Room::open().await;
    let task = room.add(&[("kind", "note"), ("text", "/task @bea 10m Look at the ports")]).await;
    assert_eq!((task["kind"].as_str(), task["minutes"].as_i64()), (Some("task"), Some(10)));
    assert_eq!(task["owner"], room.server.person(Who::Bystander).id.as_str());
    assert_eq!(room.add(&[("kind", "note"), ("text", "/sev 1 Nobody can reserve")]).await["to"], "SEV1");
    assert_eq!(room.add(&[("kind", "note"), ("text", "//etc is full")]).await["text"], "/etc is full");
    assert_eq!(room.add(&[("kind", "note"), ("text", "/var/log is full")]).await["kind"], "note");
    assert_eq!(room.add(&[("kind", "finding"), ("text", "/task is a word here")]).await["kind"], "finding");
    room.add(&[("kind", "hypothesis"), ("text", "The carrier is down")]).await;
    let asked = room.send(&[("kind", "note"), ("text", "/refuted It copes")]).await.expect(422);
    assert!(asked.text.contains("id=\"kind-hypothesis_status\" value=\"hypothesis_status\" checked"));
    assert!(asked.text.contains(">\nIt copes</textarea>") && asked.text.contains("choose it here"));
}

#[tokio::test]
async fn a_preview_keeps_everything_and_records_nothing() {
    let room = Room::open().await;
    let before = room.entries().await.len();
    let id = new_id();
    let fields = [("id", id.as_str()), ("kind", "decision"), ("text", "**No** guess <script>"), ("alternatives", "wait"), ("preview", "1")];
    let page = room.send(&fields).await.expect(200).text;
    assert!(from(&page, "preview").contains("<strong>No</strong> guess"));
    assert!(page.contains(&format!("name=\"id\" form=\"composer\" value=\"{id}\"")) || page.contains(&id), "it stays the same entry");
    assert!(page.contains(">\n**No** guess &lt;script></textarea>") && page.contains(">\nwait</textarea>"));
    assert_eq!(room.entries().await.len(), before);
    let html = room.rosa.form("/preview", &[("text", "`a` [b](javascript:alert(1))")]).await.expect(200).text;
    assert!(html.contains("<code>a</code>") && !html.contains("javascript:"));
}

#[tokio::test]
async fn files_are_saved_and_never_run() {
    let room = Room::open().await;
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, kind, content, shown) in [
        ("q.png", "image/png", png, true),
        ("x.html", "text/html", b"<script>alert(1)</script>".to_vec(), false),
        ("x.svg", "image/svg+xml", b"<svg onload='alert(1)'/>".to_vec(), false),
    ] {
        let id = new_id();
        let fields = [("id", id.as_str()), ("kind", "evidence"), ("text", "See the file")];
        room.upload(&fields, name, kind, content.clone()).await.expect(303);
        let entry = room.entries().await.pop().unwrap();
        let path = room.path(&format!("/attachments/{}", entry["attachment"]["id"].as_str().unwrap()));
        assert!(room.page("").await.contains(&format!("href=\"{path}\"")));
        let file = room.rosa.get(&path).await.expect(200);
        let how = if shown { "inline" } else { "attachment" };
        assert!(file.header("content-disposition").starts_with(how), "{name}");
        assert_eq!(file.header("content-type"), if shown { "image/png" } else { "application/octet-stream" });
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").contains("sandbox"));
    }
    let fields = [("id", "01900000-0000-7000-8000-0000000000ff"), ("kind", "evidence"), ("text", "Too much")];
    let big = room.upload(&fields, "core.dump", "application/x-core", vec![0; 10 * 1024 * 1024 + 1]).await.expect(422);
    assert!(big.text.contains("is larger than 10 MB") && big.text.contains(">\nToo much</textarea>"));
    // What is refused for another reason keeps its file.
    let fields = [("id", "01900000-0000-7000-8000-0000000000fe"), ("kind", "evidence"), ("text", "x"), ("link", "nonsense")];
    let kept = room.upload(&fields, "counts.csv", "text/csv", b"8,32".to_vec()).await.expect(422);
    assert!(kept.text.contains("name=\"attachment\"") && kept.text.contains("counts.csv"));
}

#[tokio::test]
async fn an_entry_is_edited_pinned_and_redacted() {
    let room = Room::open().await;
    let entry = room.add(&[("kind", "finding"), ("text", "Three of four tries fail")]).await;
    let path = room.path(&format!("/entries/{}", id_of(&entry)));
    let seq = entry["seq"].as_i64().unwrap();
    let found = room.rosa.get(&path).await.expect(303);
    assert_eq!(found.header("location"), room.path(&format!("#e-{seq}")));

    let form = room.rosa.get(&format!("{path}/edit")).await.expect(200).text;
    assert!(form.contains(">\nThree of four tries fail</textarea>"));
    let changed = [("text", "Three of five tries fail"), ("revision", "1"), ("reason", "Counted again"), ("occurred_at", "2020-01-01T09:04")];
    room.rosa.form(&format!("{path}/edit"), &changed).await.expect(303);
    let clash = room.rosa.form(&format!("{path}/edit"), &[("text", "Mine"), ("revision", "1")]).await.expect(409);
    assert!(clash.text.contains("Three of five tries fail") && clash.text.contains(">\nMine</textarea>"));
    let history = room.rosa.get(&format!("{path}/history")).await.expect(200).text;
    assert!(history.contains("<del>four</del>") && history.contains("<ins>five</ins>") && history.contains("Counted again"));
    let page = room.page("").await;
    assert!(page.contains("edited"));

    room.rosa.form(&format!("{path}/pin"), &[]).await.expect(303);
    assert!(from(&room.page("").await, "region-pinned").contains("Three of five"));
    room.rosa.form(&format!("{path}/unpin"), &[]).await.expect(303);

    room.rosa.get(&format!("{path}/redact")).await.expect(200);
    for _ in 0..2 {
        room.rosa.form(&format!("{path}/redact"), &[("reason", "A name stood in it")]).await.expect(303);
    }
    let page = room.page("").await;
    assert!(page.contains("Redacted at") && !from(&page, "timeline").contains("Three of five"));
    room.rosa.get(&format!("{path}/history")).await.expect(403);
    let read = room.server.client(Who::Commander).get(&format!("{path}/history")).await.expect(200).text;
    assert!(read.contains("five"));
    room.rosa.get(&format!("{path}/edit")).await.expect(409);
}

#[tokio::test]
async fn the_timeline_can_be_filtered_and_paged() {
    let room = Room::open().await;
    for n in 0..210 {
        let id = new_id();
        room.rosa.note(&room.id, &id, &format!("note {n:03}")).await.expect(201);
    }
    room.add(&[("kind", "finding"), ("text", "It spins")]).await;
    let page = room.page("").await;
    assert!(page.contains("Earlier entries") && !page.contains("note 000") && page.contains("note 209"));
    let earlier = page.split_once("?before=").unwrap().1.split_once('"').unwrap().0;
    let page = room.page(&format!("?before={earlier}")).await;
    assert!(page.contains("note 000") && page.contains("Back to the newest"));
    let page = room.page("?kinds=finding").await;
    assert!(from(&page, "timeline").contains("It spins") && !page.contains("note 209") && page.contains("Only findings"));
    let nobody = room.server.person(Who::Bystander).id.clone();
    assert!(room.page(&format!("?person={nobody}")).await.contains("No entry fits"));
    room.page("?kinds=nonsense&person=nobody&before=x&system=2&compose=nonsense").await;
    let first = room.entries().await[0].clone();
    let found = room.rosa.get(&room.path(&format!("/entries/{}", id_of(&first)))).await.expect(303);
    let leads = found.header("location").split_once('#').unwrap().0.to_owned();
    assert!(room.rosa.get(&leads).await.expect(200).text.contains("id=\"e-1\""), "{leads}");
}

#[tokio::test]
async fn a_page_that_fell_behind_gets_everything_anew() {
    let room = Room::open().await;
    room.add(&[("kind", "finding"), ("text", "It spins")]).await;
    let all = room.rosa.get(&room.path("?fragment=all")).await.expect(200).json();
    assert_eq!(all["seq"], room.entries().await.len());
    assert!(all["timeline"].as_str().unwrap().contains("It spins"));
    let page = room.page("").await;
    for name in ["glance", "thinking", "doing", "roles", "here", "pinned"] {
        let html = all["regions"][name].as_str().unwrap();
        assert!(html.contains(&format!("id=\"region-{name}\"")), "{name}");
        assert!(name == "glance" || page.contains(html), "the page holds the same {name}");
    }
    assert!(all["composer"].as_str().unwrap().contains("id=\"composer\""));
}

#[tokio::test]
async fn viewers_read_and_do_not_write() {
    let room = Room::open().await;
    let vera = room.server.client(Who::Viewer);
    let page = vera.get(&room.path("")).await.expect(200).text;
    assert!(page.contains("data-role=\"viewer\"") && page.contains("You can read along"));
    vera.form(&room.path("/entries"), &[("id", &new_id()), ("kind", "note"), ("text", "x")]).await.expect(403);
    vera.form(&room.path("/join"), &[]).await.expect(303);
    assert!(from(&vera.get(&room.path("")).await.text, "region-here").contains("Vera Viewer"));
    assert!(vera.get(&room.path("")).await.text.contains("Leave the room"));
    vera.form(&room.path("/leave"), &[]).await.expect(303);
    assert!(!from(&vera.get(&room.path("")).await.text, "region-here").contains("Vera Viewer"));
}

#[tokio::test]
async fn a_stakeholder_sees_updates_and_no_names() {
    let room = Room::open().await;
    room.add(&[("kind", "finding"), ("text", "internal-finding")]).await;
    room.add(&[("kind", "stakeholder_update"), ("next_minutes", "30"), ("text", "Reservations are slow.")]).await;
    room.rosa.get(&room.path("/share")).await.expect(403);
    let carl = room.server.client(Who::Commander);
    carl.form(&room.path("/share/links"), &[("label", " ")]).await.expect(422);
    let made = carl.form(&room.path("/share/links"), &[("label", "Directors")]).await.expect(201).text;
    let link = made.split_once("id=\"made-link\"").unwrap().1.split_once("/s/").unwrap().1.split_once('"').unwrap().0.to_owned();
    assert!(!carl.get(&room.path("/share")).await.expect(200).text.contains(&link), "the secret is shown once");

    let stranger = room.server.client(Who::Stranger);
    let page = stranger.get(&format!("/s/{link}")).await.expect(200);
    assert!(page.text.contains("Reservations are slow.") && page.text.contains("The next update comes"));
    for secret in ["internal-finding", "Rosa", "Carl", &room.id] {
        assert!(!page.text.contains(secret), "{secret}");
    }
    assert_eq!((page.header("refresh"), page.header("referrer-policy")), ("60", "no-referrer"));
    assert!(carl.get(&room.path("/share")).await.text.contains("just now"));

    let page = carl.get(&room.path("/share")).await.text;
    let revoke = page.split_once("/share/links/").unwrap().1.split_once("/revoke").unwrap().0;
    carl.form(&room.path(&format!("/share/links/{revoke}/revoke")), &[]).await.expect(303);
    let gone = stranger.get(&format!("/s/{link}")).await.expect(404);
    assert!(gone.text.contains("not shared any more") && !gone.text.contains("Reservations"));
    stranger.get("/s/nonsense").await.expect(404);
}

#[tokio::test]
async fn details_are_changed_by_a_form() {
    let room = Room::open().await;
    let form = room.page("/details").await;
    assert!(form.contains("value=\"Reservations crawl and time out\""));
    let path = room.path("/details");
    let refused = room.rosa.form(&path, &[("title", " "), ("services", "a, b"), ("description", "<b>kept")]).await.expect(422);
    assert!(refused.text.contains("is empty") && refused.text.contains(">\n&lt;b>kept</textarea>"));
    let fields = [("title", "Reservations fail"), ("services", "store app, carrier"), ("description", "Ten instances of **32** threads.")];
    room.rosa.form(&path, &fields).await.expect(303);
    let page = room.page("?system=1").await;
    assert!(page.contains("store app, carrier") && page.contains("<strong>32</strong>") && page.contains("changed the details"));
}

#[tokio::test]
async fn a_restricted_room_is_opened_to_people_by_name() {
    let server = TestServer::start().await;
    let carl = server.client(Who::Commander);
    let body = json!({ "title": "Quiet", "severity": "SEV3", "restricted": true });
    let id = carl.post("/api/v1/incidents", &body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
    let bea = server.client(Who::Bystander);
    for rest in ["", "/catch-up", "/export.md", "/details", "/share"] {
        bea.get(&format!("/incidents/{id}{rest}")).await.expect(404);
    }
    carl.form(&format!("/incidents/{id}/share/access"), &[("user", "")]).await.expect(422);
    let named = [("user", server.person(Who::Bystander).id.as_str())];
    carl.form(&format!("/incidents/{id}/share/access"), &named).await.expect(303);
    assert!(bea.get(&format!("/incidents/{id}")).await.expect(200).text.contains("Restricted"));
    assert!(carl.get(&format!("/incidents/{id}/share")).await.text.contains("Bea Bystander"));
}
