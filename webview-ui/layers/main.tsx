import "../kit/base.css";
import { start } from "../kit/start";
import { Layers } from "./layers";

start(<Layers />);
