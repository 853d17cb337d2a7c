import "../kit/base.css";
import { start } from "../kit/start";
import { Labs } from "./labs";

start(<Labs />);
