"use strict";

// The API's page. Requests that are tried out carry the CSRF token, so that a signed-in session works too.
const place = document.getElementById("api");
const cookie = () => document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));

SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  requestInterceptor: (request) => {
    const found = cookie();
    if (found) request.headers["X-CSRFToken"] = found.slice("csrftoken=".length);
    return request;
  },
});
