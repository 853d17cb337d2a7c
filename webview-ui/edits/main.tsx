import "../kit/base.css";
import { start } from "../kit/start";
import { Edits } from "./edits";

start(<Edits />);
