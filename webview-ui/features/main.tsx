import "../kit/base.css";
import { start } from "../kit/start";
import { Features } from "./features";

start(<Features />);
