import "../kit/base.css";
import { start } from "../kit/start";
import { Trace } from "./trace";

start(<Trace />);
