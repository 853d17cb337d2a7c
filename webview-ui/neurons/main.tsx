import "../kit/base.css";
import { start } from "../kit/start";
import { Neurons } from "./neurons";

start(<Neurons />);
