// Starts the page.

import { render } from "preact";
import { App } from "./app";
import { exposeState } from "./hook";
import { Root } from "./view/Root";
import "./style.css";

const app = new App();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
exposeState(app);
render(<Root app={app} />, root);
void app.begin();
