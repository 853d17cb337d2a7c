import "../kit/base.css";
import { start } from "../kit/start";
import { Lens } from "./lens";

start(<Lens />);
