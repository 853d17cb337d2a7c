import "../kit/base.css";
import { start } from "../kit/start";
import { DirectionsPanel } from "./directions";

start(<DirectionsPanel />);
