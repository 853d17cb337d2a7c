import "../kit/base.css";
import { start } from "../kit/start";
import { InterventionList } from "./interventionList";

start(<InterventionList />);
