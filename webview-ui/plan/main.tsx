import "../kit/base.css";
import { start } from "../kit/start";
import { Plan } from "./plan";

start(<Plan />);
