import "../kit/base.css";
import { start } from "../kit/start";
import { Attention } from "./attention";

start(<Attention />);
