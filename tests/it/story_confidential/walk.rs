//! Everything the program can be asked, with the ids of somebody in it. The pages, the server functions and
//! the other routes are those that the program has: one that is not told of here fails the test.

use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub path: String,
    /// A server function's arguments; `None` where a page is opened.
    pub arguments: Option<Vec<(String, String)>>,
}

impl Ask {
    fn page(path: impl Into<String>) -> Self {
        Self { path: path.into(), arguments: None }
    }

    /// Whether the question holds this text itself.
    pub fn names(&self, text: &str) -> bool {
        let arguments = self.arguments.iter().flatten().map(|(_, value)| value.as_str());
        arguments.chain([self.path.as_str()]).any(|part| part.to_lowercase().contains(&text.to_lowercase()))
    }
}

/// Those who must stay unseen, and all that could be asked of them.
#[derive(Debug, Clone)]
pub struct Hidden {
    pub name: String,
    pub email: String,
    pub position: String,
    pub posting: String,
    pub stage: String,
    pub invites: Vec<String>,
    pub opportunity: String,
    pub contact: String,
    pub attachment: String,
    pub messages: Vec<String>,
    pub reports: Vec<String>,
}

impl Hidden {
    /// The pages, server functions and routes that the program has.
    pub fn routes(&self) -> Vec<String> {
        let pages = generate_route_list(app::App).iter().map(|page| page.path().to_owned()).collect::<Vec<_>>();
        let own = own_routes().into_iter().map(str::to_owned);
        let functions = server_fn_paths().map(|(path, _)| path.to_owned());
        let mut all: Vec<_> = pages.into_iter().chain(own).chain(functions).collect();
        // Some are on two listeners.
        all.sort();
        all.dedup();
        all
    }

    /// How one of them is asked.
    pub fn of(&self, route: &str) -> Vec<Ask> {
        if server_fn_paths().any(|(path, _)| path == route) {
            let calls = self.of_function(route).into_iter();
            return calls.map(|arguments| Ask { path: route.to_owned(), arguments: Some(arguments) }).collect();
        }
        if own_routes().contains(&route) { self.of_route(route) } else { self.of_page(route) }
    }

    /// All there is to ask, signing out last.
    pub fn asks(&self) -> Vec<Ask> {
        let mut all: Vec<Ask> = self.routes().iter().flat_map(|route| self.of(route)).collect();
        all.sort_by_key(|ask| ask.path == "/api/sign_out");
        all
    }

    fn of_page(&self, page: &str) -> Vec<Ask> {
        match page {
            "/candidates" => self.lists(),
            "/candidates/look-up" => {
                let looked_for = [&self.email, &self.opportunity, &self.contact];
                let asked = looked_for.map(|text| Ask::page(format!("{page}?q={text}")));
                [Ask::page(page)].into_iter().chain(asked).collect()
            }
            "/candidates/{invite}" => {
                let of = |invite: &String| {
                    ["", "?ask=cancel", "?ask=retake", "?ask=correct-email"]
                        .map(|question| Ask::page(format!("/candidates/{invite}{question}")))
                };
                self.invites.iter().flat_map(of).collect()
            }
            "/activity" => {
                let mut asks = vec![Ask::page(page), Ask::page("/activity?show=waiting")];
                asks.extend(self.messages.iter().map(|id| Ask::page(format!("{page}?message={id}"))));
                asks
            }
            "/settings/integrations/lever/attach" => {
                let chosen = format!("posting={}&stage={}", self.posting, self.stage);
                let steps = ["position", "stage", "assessment", "done"];
                let of = |step| format!("{page}?{chosen}&step={step}&attachment={}", self.attachment);
                let searched = format!("{page}?q={}", self.position);
                steps.map(of).into_iter().chain([page.to_owned(), searched]).map(Ask::page).collect()
            }
            "/settings/integrations/lever/attachments/{id}" => {
                vec![Ask::page(page.replace("{id}", &self.attachment))]
            }
            "/set-up/{token}" | "/invitation/{token}" | "/new-password/{token}" => {
                vec![Ask::page(page.replace("{token}", &self.reports[0]))]
            }
            "/{*any}" => vec![Ask::page("/no/such/page")],
            "/"
            | "/sign-in"
            | "/sign-in/code"
            | "/account"
            | "/settings/team"
            | "/forgotten"
            | "/settings/audit"
            | "/settings/notifications"
            | "/settings/integrations"
            | "/settings/integrations/lever"
            | "/settings/integrations/canditech" => vec![Ask::page(page)],
            unknown => panic!("say here how {unknown} is asked for what nobody may see"),
        }
    }

    fn lists(&self) -> Vec<Ask> {
        let family = self.name.rsplit(' ').next().unwrap_or_default();
        let mut asks = vec![Ask::page("/candidates")];
        let states = ["waiting", "queued", "sent", "started", "completed", "ever-invited", "ever-completed"];
        asks.extend(states.map(|state| Ask::page(format!("/candidates?state={state}"))));
        asks.extend(["awaiting", "mine", "attention", "recent"].map(|it| Ask::page(format!("/candidates?{it}=1"))));
        asks.extend(["n/a", "passed", "failed"].map(|it| Ask::page(format!("/candidates?verdict={it}"))));
        asks.extend([family, &self.email].map(|text| Ask::page(format!("/candidates?q={text}"))));
        asks.push(Ask::page(format!("/candidates?position={}", self.posting)));
        asks.extend(self.invites.iter().map(|id| Ask::page(format!("/candidates?after={id}"))));
        asks
    }

    /// The program's own routes; what machines call is asked by GET, and the stream is heard apart.
    fn of_route(&self, route: &str) -> Vec<Ask> {
        match route {
            "/r/{token}" => self.reports.iter().map(|token| Ask::page(format!("/r/{token}"))).collect(),
            "/live" => Vec::new(),
            "/candidates/export" => {
                let of =
                    |invite: &String| Ask { path: route.to_owned(), arguments: Some(arguments(&[("invite", invite)])) };
                self.invites.iter().map(of).collect()
            }
            "/oidc/{provider}" => vec![Ask::page(format!("/oidc/{}", self.reports[0]))],
            "/oidc/{provider}/callback" => {
                vec![Ask::page(format!("/oidc/{}/callback?code=c&state={}", self.reports[0], self.reports[0]))]
            }
            "/oauth/lever/callback" => vec![Ask::page(format!("{route}?code=c&state={}", self.reports[0]))],
            "/api/{*rest}" => vec![Ask::page(format!("/api/{}", self.invites[0]))],
            "/webhooks/lever/{endpoint}" => vec![Ask::page(format!("/webhooks/lever/{}", self.invites[0]))],
            "/callbacks/{provider}/{*address}" => vec![Ask::page(format!("/callbacks/canditech/{}", self.invites[0]))],
            "/demo/{token}" => vec![Ask::page(format!("/demo/{}", self.reports[0]))],
            "/audit/export" => {
                vec![Ask { path: route.to_owned(), arguments: Some(arguments(&[("area", ""), ("by", "")])) }]
            }
            "/healthz" | "/readyz" | "/.well-known/security.txt" => vec![Ask::page(route)],
            unknown => panic!("say here how {unknown} is asked for what nobody may see"),
        }
    }

    fn of_function(&self, function: &str) -> Vec<Vec<(String, String)>> {
        let each = |more: &[(&str, &str)]| -> Vec<Vec<(String, String)>> {
            let of = |invite: &String| [arguments(&[("invite", invite)]), arguments(more)].concat();
            self.invites.iter().map(of).collect()
        };
        let once = |those: &[(&str, &str)]| vec![arguments(those)];
        let attachment = self.attachment.as_str();
        match function.trim_start_matches("/api/") {
            "read_candidate" | "read_note" | "try_note_again" | "erase_candidate" => each(&[]),
            "give_verdict" => each(&[("version", "1"), ("verdict", "failed"), ("comment", "Guessed")]),
            "act_on_invite" => ["resend", "cancel", "retake", "extend"]
                .iter()
                .flat_map(|verb| each(&[("version", "1"), ("verb", verb), ("days", "3")]))
                .collect(),
            "decide_invite" => each(&[("decision", "drop")]),
            "decide_late" => once(&[("invites[]", &self.invites[0]), ("decision", "drop")]),
            "resume_for_invite" => each(&[("attachment", attachment)]),
            "list_candidates" => self.listed(),
            "look_up" => {
                let texts = [&self.email, &self.opportunity, &self.contact];
                texts.iter().map(|text| arguments(&[("text", text)])).collect()
            }
            "activity_page" => {
                let of =
                    |id: &String| arguments(&[("asked[show]", "all"), ("asked[before]", ""), ("asked[message]", id)]);
                self.messages.iter().map(of).chain([of(&String::new())]).collect()
            }
            "replay_message" => self.messages.iter().map(|id| arguments(&[("id", id)])).collect(),
            "replay_work" | "do_work_again" => once(&[("id", &self.messages[0])]),
            "attachment_page" | "standing" => once(&[("id", attachment)]),
            "invite_standing" => once(&[("id", attachment), ("chosen[]", &self.opportunity)]),
            "edit_attachment" => {
                once(&[("id", attachment), ("assessment", "as_english"), ("valid_days", "3"), ("version", "1")])
            }
            "remove_attachment" => once(&[("id", attachment), ("version", "1")]),
            "switch_attachment" => once(&[("id", attachment), ("state", "paused"), ("version", "1")]),
            "attach_step" => ["position", "stage", "assessment", "done"]
                .iter()
                .map(|step| self.wizard(step))
                .chain(once(&[("wizard[q]", &self.position)]))
                .collect(),
            "attach" => once(&[("posting", &self.posting), ("stage", &self.stage), ("assessment", "as_english")]),
            "read_set_up_link" | "read_invitation" | "read_password_link" => once(&[("token", &self.reports[0])]),
            "set_up" => once(&[
                ("token", &self.reports[0]),
                ("organization", "Any"),
                ("name", "Any"),
                ("email", &self.email),
                ("password", "a long enough password"),
            ]),
            "accept_invitation" => {
                once(&[("token", &self.reports[0]), ("name", "Any"), ("password", "a long enough password")])
            }
            "audit_page" => {
                let asked = |by: &str, before: &str| {
                    let parts = [("area", ""), ("by", by), ("before", before), ("check", "true")];
                    parts.iter().map(|(name, value)| (format!("asked[{name}]"), (*value).to_owned())).collect()
                };
                vec![asked("", ""), asked(&self.invites[0], ""), asked("", &self.messages[0])]
            }
            "invite_person" => once(&[("email", "somebody@else.example"), ("role", "team_member")]),
            "change_role" => once(&[("user", &self.contact), ("new_role", "admin")]),
            "remove_person" => once(&[("user", &self.contact)]),
            "take_invitation_back" | "end_session" | "switch_organization" => once(&[("id", &self.messages[0])]),
            "change_password" => once(&[("present", "not the password"), ("new", "a long enough password")]),
            "sign_in" => once(&[("email", &self.email), ("password", "not the password")]),
            "save_canditech" => {
                once(&[("protocol", "canditech"), ("base_url", "http://127.0.0.1:9"), ("api_key", "k")])
            }
            "forget_signature_token" => once(&[("webhook", &self.messages[0])]),
            "save_signature_token" => once(&[("token", &self.reports[0])]),
            "use_password_link" => once(&[("token", &self.reports[0]), ("new", "a long enough password")]),
            "ask_for_password_link" => once(&[("email", &self.email)]),
            "save_outgoing_webhook" => once(&[("url", "https://127.0.0.1:9/")]),
            "choose_mail" => once(&[("digest", "true"), ("verdicts", "true")]),
            "enter_code" => once(&[("code", "123456")]),
            "confirm_second_factor" => once(&[("code", "123456"), ("password", "not the password")]),
            "turn_second_factor_off" => once(&[("password", "not the password")]),
            "reset_second_factor" => once(&[("user", &self.contact)]),
            "map_role" => once(&[("access_role", &self.messages[0]), ("as_role", "admin")]),
            "choose_passwords" => once(&[("passwords", "true")]),
            "choose_notes" => once(&[("only_completed", "true")]),
            "choose_share" => once(&[("calls_per_second", "5")]),
            "choose_retention" => once(&[("months", "36")]),
            "account_page"
            | "offer_second_factor"
            | "can_mail_links"
            | "notifications_page"
            | "send_test_mail"
            | "test_outgoing_webhook"
            | "remove_outgoing_webhook"
            | "sign_in_providers"
            | "end_other_sessions"
            | "canditech_page"
            | "connect_lever"
            | "create_webhook"
            | "renew_callback_secret"
            | "end_former_callback_secret"
            | "disconnect_lever"
            | "integrations_page"
            | "lever_page"
            | "lever_return"
            | "list_positions"
            | "look_at_webhooks"
            | "read_dashboard"
            | "read_frame"
            | "sign_out"
            | "sync_lever"
            | "team_page" => once(&[]),
            unknown => panic!("say here with what {unknown} is asked for what nobody may see"),
        }
    }

    fn listed(&self) -> Vec<Vec<(String, String)>> {
        let filters = [
            ("attention", "true"),
            ("awaiting", "true"),
            ("recent", "true"),
            ("mine", "true"),
            ("name", &self.email),
            ("position", &self.posting),
            ("after", &self.invites[0]),
            ("state", "completed"),
            ("reached", "Invited"),
        ];
        let one = |(name, value): &(&str, &str)| arguments(&[(&format!("filter[{name}]"), value)]);
        [Vec::new()].into_iter().chain(filters.iter().map(one)).collect()
    }

    fn wizard(&self, step: &str) -> Vec<(String, String)> {
        let chosen = [("posting", &self.posting), ("stage", &self.stage), ("attachment", &self.attachment)];
        let mut all = arguments(&[("wizard[step]", step)]);
        all.extend(chosen.map(|(name, value)| (format!("wizard[{name}]"), value.clone())));
        all
    }
}

/// The functions that only read: those that somebody who sees everything may be walked through as well.
pub fn only_reads(function: &str) -> bool {
    let name = function.trim_start_matches("/api/");
    name.starts_with("read_") || name.starts_with("list_") || name.ends_with("_page") || name == "attach_step"
}

fn arguments(those: &[(&str, &str)]) -> Vec<(String, String)> {
    those.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The routes that the router names itself.
fn own_routes() -> Vec<&'static str> {
    let router = include_str!("../../../src/router.rs");
    let routes: Vec<_> = router.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(routes.len(), router.matches(".route(").count(), "a route that is not written out: {routes:?}");
    routes
}
