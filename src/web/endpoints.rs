//! The table of endpoints and the router, which are one thing.
//!
//! [`Routes`] is the only way to a handler, and it asks for what the
//! authorisation test needs to know, so no endpoint can be missing there.

use super::{Web, middleware::limits};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};
use rideout_domain::Role;

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without an account.
    Anyone,
    /// Everybody with an account.
    SignedIn,
    /// Everybody whose role is at least this.
    Role(Role),
    /// Everybody who may see the incident and whose role is at least this.
    Incident(Role),
    /// Whoever wrote the entry, and everybody who may see the incident and
    /// whose role is at least this.
    Author(Role),
    /// Whoever knows an unguessable word in the path.
    Link,
}

/// The methods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Verb {
    /// The method as it is sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// What may be sent to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// A form or a JSON text.
    Small,
    /// A file.
    File,
}

/// One endpoint of the main listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub verb: Verb,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What may be sent to it.
    pub load: Load,
}

/// Endpoints and their handlers.
#[derive(Default)]
pub struct Routes {
    router: Router<Web>,
    endpoints: Vec<Endpoint>,
}

impl Routes {
    /// No endpoints yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A page, or anything that is only read. `HEAD` works by itself.
    #[must_use]
    pub fn get<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Get, path, access, Load::Small, handler)
    }

    /// A form, or a call that does something.
    #[must_use]
    pub fn post<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Post, path, access, Load::Small, handler)
    }

    /// Like [`Routes::post`], for bodies that carry a file of up to 10 MB.
    #[must_use]
    pub fn post_file<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Post, path, access, Load::File, handler)
    }

    /// A call that changes something in part.
    #[must_use]
    pub fn patch<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Patch, path, access, Load::Small, handler)
    }

    /// A call that replaces something.
    #[must_use]
    pub fn put<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Put, path, access, Load::Small, handler)
    }

    /// A call that removes something.
    #[must_use]
    pub fn delete<H: Handler<T, Web>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add(Verb::Delete, path, access, Load::Small, handler)
    }

    /// Joins the endpoints of another area.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.endpoints.extend(other.endpoints);
        self
    }

    /// The table.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    pub(super) fn into_router(self) -> Router<Web> {
        self.router
    }

    fn add<H: Handler<T, Web>, T: 'static>(
        mut self,
        verb: Verb,
        path: &'static str,
        access: Access,
        load: Load,
        handler: H,
    ) -> Self {
        let most = match load {
            Load::Small => limits::SMALL_BODY,
            Load::File => limits::FILE_BODY,
        };
        let route: MethodRouter<Web> = on(verb.filter(), handler)
            .layer(DefaultBodyLimit::max(most))
            .layer(middleware::from_fn(move |request, next| {
                limits::in_time(load, request, next)
            }));
        self.router = self.router.route(path, route);
        self.endpoints.push(Endpoint {
            verb,
            path,
            access,
            load,
        });
        self
    }
}
