//! Tab of the browser: opens a URL, and runs functions in it.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{Outcome, devtools::DevTools};

/// Tab of the browser.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    devtools: &'a mut DevTools,
    session: String,
}

impl<'a> Page<'a> {
    /// Opens a tab, and waits until it has loaded the URL.
    pub(crate) async fn open(devtools: &'a mut DevTools, url: &str) -> Outcome<Self> {
        let target = devtools.call(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let target = target.await?["targetId"].take();
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = devtools.call(None, "Target.attachToTarget", attach).await?;
        let session = attached["sessionId"].as_str().ok_or("no session of the tab")?.to_owned();
        let mut page = Self { devtools, session };
        for domain in ["Page", "Runtime", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await?;
        }
        page.devtools.clear();
        page.call("Page.navigate", json!({ "url": url })).await?;
        page.devtools.wait_for("Page.loadEventFired").await?;
        Ok(page)
    }

    /// Calls a JavaScript function, which may return a promise, and returns its result.
    pub(crate) async fn call_function<T: DeserializeOwned>(
        &mut self,
        function: &str,
        argument: &impl Serialize,
    ) -> Outcome<T> {
        let expression = format!("({function})({})", serde_json::to_string(argument)?);
        let parameters =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", parameters).await?;
        match answer.get("exceptionDetails") {
            None => Ok(serde_json::from_value(answer["result"]["value"].take())?),
            Some(exception) => Err(format!("{}", exception["exception"]["description"]).into()),
        }
    }

    /// Closes the tab. Fails if it had an uncaught exception or an error on its console.
    pub(crate) async fn close(mut self) -> Outcome<()> {
        self.call("Page.close", json!({})).await?;
        let problems = self.devtools.take_problems();
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Outcome<Value> {
        self.devtools.call(Some(&self.session), method, parameters).await
    }
}
