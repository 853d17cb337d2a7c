import "../kit/base.css";
import { start } from "../kit/start";
import { Operator } from "./operator";

start(<Operator />);
