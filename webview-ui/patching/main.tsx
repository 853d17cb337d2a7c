import "../kit/base.css";
import { start } from "../kit/start";
import { Patching } from "./patching";

start(<Patching />);
