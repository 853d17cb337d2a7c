import "../kit/base.css";
import { start } from "../kit/start";
import { Memory } from "./memory";

start(<Memory />);
